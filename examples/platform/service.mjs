/** The demo's service: says which task it is. Run by an agent; PORT0 is a port of the offer. */
import { createServer } from "node:http";

const { PORT0 = "0", TASK = "web" } = process.env;
const server = createServer((request, response) => {
  console.log(`${new Date().toISOString()} ${request.method} ${request.url}`);
  response.end(`hello from ${TASK}\n`);
});
server.listen(Number(PORT0), "127.0.0.1", () => {
  console.log(`${TASK} listens on 127.0.0.1:${server.address().port}`);
});
process.on("SIGTERM", () => {
  console.log("asked to stop");
  server.close();
  server.closeAllConnections();
});
