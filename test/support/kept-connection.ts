import { Agent } from "node:http";

/** One connection for one request after the other, which this side never closes, whatever is announced. */
export type KeptConnection = Readonly<{
  /** To ask with. */
  agent: Agent;
  /** Connections so far: one as long as every request finds the one before it open. */
  opened: () => number;
  isOpen: () => boolean;
  /** Why connections broke; one that the other side closes in peace is not among them. */
  breaks: readonly string[];
  close: () => void;
}>;

export function keepConnection(): KeptConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let [opened, open] = [0, 0];
  const breaks: string[] = [];
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...parameters) => {
    const socket = connect(...parameters);
    opened++;
    open++;
    socket.on("error", (error: NodeJS.ErrnoException) => void breaks.push(error.code ?? error.message));
    socket.once("close", () => void open--);
    return socket;
  };
  // Node's own would close it at the announced time, if not before.
  agent.keepSocketAlive = () => true;
  return { agent, opened: () => opened, isOpen: () => open > 0, breaks, close: () => agent.destroy() };
}
