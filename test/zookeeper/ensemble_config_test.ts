import { formatMember, parseEnsembleConfig } from "fairlead/zookeeper";
import { expect, test } from "vitest";

const text = `server.1=127.0.0.1:2888:3888:participant;0.0.0.0:2181
server.2=[::1]:2888:3888:observer;2182
server.3=host-c:2888:3888
group.1=1:2
# a comment
version=10000abcd
`;

test("parseEnsembleConfig() reads every form of a line", () => {
  const { version, members, others } = parseEnsembleConfig(text);
  expect(version).toBe(0x10000abcdn);
  expect(others).toEqual(["group.1=1:2"]);
  expect(members).toEqual([
    {
      id: 1,
      host: "127.0.0.1",
      quorumPort: 2888,
      electionPort: 3888,
      role: "participant",
      clientHost: "0.0.0.0",
      clientPort: 2181,
    },
    {
      id: 2,
      host: "[::1]",
      quorumPort: 2888,
      electionPort: 3888,
      role: "observer",
      clientHost: undefined,
      clientPort: 2182,
    },
    {
      id: 3,
      host: "host-c",
      quorumPort: 2888,
      electionPort: 3888,
      role: "participant",
      clientHost: undefined,
      clientPort: undefined,
    },
  ]);
  expect(members.map(formatMember)).toEqual([
    "127.0.0.1:2888:3888:participant;0.0.0.0:2181",
    "[::1]:2888:3888:observer;0.0.0.0:2182",
    "host-c:2888:3888:participant",
  ]);
});

test.each(["server.x=a:1:2", "server.1=a", "version=zz"])("%j is refused", (line) => {
  const code = "invalid_config";
  expect(() => parseEnsembleConfig(line)).toThrow(expect.objectContaining({ code }));
});
