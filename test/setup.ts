import { commands } from "../src/shell/commands.ts";
import { installCommands } from "../src/shell/registry.ts";

// Tests run with every program; the page loads most of them after its first prompt.
installCommands(commands);
