import { SET_TYPES } from "../../../net/netfilter/ipset/types.ts";

/** `ipset help` */
export function helpText(): string {
  return `ipset v7.17

Usage: ipset [options] COMMAND

Commands:
create SETNAME TYPENAME [options]   a new set
add SETNAME ENTRY [options]         an entry into it
del SETNAME ENTRY                   an entry out of it
test SETNAME ENTRY                  is it there?
destroy [SETNAME]                   delete a set, or all
list [SETNAME]                      show a set, or all
save [SETNAME]                      as restore reads it
restore                             read what save printed
flush [SETNAME]                     delete all entries
rename FROM-SETNAME TO-SETNAME
swap FROM-SETNAME TO-SETNAME        exchange what is in them
help, version

Options:
-o plain|save|xml   how list prints
-n, -t              only names, only headers
-s                  sorted
-!, -exist          what is already so is no error
-q                  say nothing
-f FILE             for save, list and restore

Supported set types:
${[...SET_TYPES.keys()].map((type) => `    ${type}\n`).join("")}`;
}
