import type { NodeAgent, World } from "../world.ts";

/** What runs on a node in the mesh's name, known to the world. */
export function appoint<Agent extends NodeAgent>(world: World, agent: Agent): Agent {
  world.agents = world.agents.filter((other) => other.node !== agent.node);
  world.agents.push(agent);
  return agent;
}
