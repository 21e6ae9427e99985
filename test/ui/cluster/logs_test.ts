import { expect, test } from "vitest";
import { logOf } from "../support/server.ts";
import { inBrowser } from "../support/suite.ts";

const extra =
  '<fairlead-logs agent="a1" path="/run/stdout" style="display:flex;height:500px"></fairlead-logs>';

inBrowser("<fairlead-logs>", { world: { agents: 1, tasks: 0 }, extra }, (suite) => {
  test("opens at the end of the file, and follows what is written", async () => {
    suite.server.stdout = `${logOf(3_000)}the last line\n`;
    const page = await suite.open("/alone");
    await page.getByText("the last line").waitFor();
    suite.server.stdout += "and one more\n";
    await page.getByText("and one more").waitFor();
  });

  test("stops following when one scrolls up, and follows again when told", async () => {
    suite.server.stdout = logOf(2_000);
    const page = await suite.open("/alone");
    const log = page.getByRole("log");
    await log.getByText("INFO").first().waitFor();
    await log.hover();
    await page.mouse.wheel(0, -900);
    await page.getByRole("button", { name: "Follow", exact: true }).waitFor();
    suite.server.stdout += "written meanwhile\n";
    await page.waitForTimeout(1_200);
    expect(await page.getByText("written meanwhile").count()).toBe(0);
    await page.getByRole("button", { name: "Follow", exact: true }).click();
    await page.getByText("written meanwhile").waitFor();
  });

  test("loads what is before, and keeps the place", async () => {
    suite.server.stdout = logOf(4_000);
    const page = await suite.open("/alone");
    const log = page.getByRole("log");
    await log.getByText("INFO").first().waitFor();
    const pixels = () => log.evaluate((element) => element.scrollHeight);
    const before = await pixels();
    await log.evaluate((element) => element.scrollTo(0, 0));
    await page.getByRole("button", { name: "Load earlier" }).click();
    await expect.poll(pixels).toBeGreaterThan(before);
    expect(await log.evaluate((element) => element.scrollTop)).toBeGreaterThan(1_000);
    expect(await page.getByRole("button", { name: "Load earlier" }).count()).toBe(0);
  });

  test("finds, marks and walks through matches; shows only them", async () => {
    suite.server.stdout = logOf(500);
    const page = await suite.open("/alone");
    const search = page.getByRole("searchbox", { name: "Search in the file" });
    await page.getByRole("log").getByText("INFO").first().waitFor();
    await search.fill("slow");
    await page.getByText("1 of 13 lines").waitFor();
    await page.locator(".line.at mark").filter({ hasText: "slow" }).waitFor();
    await search.press("Enter");
    await page.getByText("2 of 13 lines").waitFor();
    await search.press("Shift+Enter");
    await search.press("Shift+Enter");
    await page.getByText("13 of 13 lines").waitFor();
    await page.getByRole("button", { name: "Only these" }).click();
    await expect.poll(() => page.locator(".line").count()).toBe(13);
    await search.press("Escape");
    await expect.poll(() => page.locator("mark").count()).toBe(0);
  });

  test("has only the lines that can be seen in the page, and wraps long ones", async () => {
    suite.server.stdout = `${"word ".repeat(400)}\n${logOf(3_000)}`;
    const page = await suite.open("/alone");
    await page.getByRole("log").getByText("INFO").first().waitFor();
    expect(await page.locator(".line").count()).toBeLessThan(100);
    await page.getByRole("button", { name: "Wrap" }).click();
    await page.getByRole("log").getByText("INFO").first().waitFor();
    const overflow = await page
      .getByRole("log")
      .evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(overflow).toBe(0);
  });

  test("says what is wrong when the file cannot be had, and tries again", async () => {
    const page = await suite.open("/alone");
    await page.getByRole("log").getByText("INFO").first().waitFor();
    suite.server.away = true;
    await page.getByRole("alert").filter({ hasText: "recovering" }).waitFor();
    suite.server.away = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("log").getByText("INFO").first().waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});
