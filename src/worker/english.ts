/** What the worker says of what it was asked to do. */
export const workerWords = {
  noWorld: "There is no world called “{name}”.",
  noLesson: "There is no lesson called “{name}”.",
  failed: "The machine has failed.",
  brokenLink: "The link is broken: this is the world as it begins.",
  refused: "The saved input log cannot be used: {why}",
  version: "This was saved by version {theirs}; this is {ours}.",
  tooLong: "It is too long to be replayed.",
  misfit: "It does not fit this world: its times do not add up.",
  noLog: "It is not an input log.",
  noHead: "It does not say which version, world and seed it is of.",
  noEntries: "It has no list of inputs.",
  noTime: "Its input {n} has no time or no input.",
  unknownInput: "Its input {n} is of a kind that is not known.",
  badField: "Its input {n} has no proper “{field}”.",
  notCode: "This is not a completion code of these lessons.",
  brokenCode: "The code is broken. {why}",
  otherWorld: "The code is of another world.",
} as const;

export type WorkerWords = typeof workerWords;
