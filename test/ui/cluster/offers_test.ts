import { expect, test } from "vitest";
import { cellsOf, inBrowser, rowShows } from "../support/suite.ts";

inBrowser("<fairlead-offers>", { world: { agents: 400, tasks: 0 } }, (suite) => {
  test("lists offers with whom they are made to, where, and for how long", async () => {
    const page = await suite.open("#/offers");
    const [offer] = suite.server.world.offers;
    await rowShows(page, { label: "Offers", index: 0, text: offer!.hostname });
    const cells = await cellsOf(page, "Offers", 0);
    expect(cells[0]).toBe("O1");
    expect(cells[4]).toMatch(/^\d+ CPUs, 4 GB memory, 10 GB disk$/);
    expect(cells[5]).toBe("31000-31999");
    expect(cells[6]).toMatch(/^\d+ s$/);
    await page.getByText(`${suite.server.world.offers.length} offers`).waitFor();
  });

  test("says what an empty list means", async () => {
    suite.server.world.offers.length = 0;
    const page = await suite.open("#/offers");
    await page.getByText("No offer is outstanding").waitFor();
  });
});
