import type { Answer, Call, Event, Hello } from "../../embed/protocol.ts";
import { Grumbler, initOf, numberOf, requestOf } from "./heard.ts";

const VERSION = 1;

/**
 * The frame's end of the port to its host page. Only the parent is heard, only from the origin that the
 * address names, and only once; until then what is told waits.
 */
export class Host {
  origin: string | null;
  port: MessagePort | null = null;
  untold: Event[] = [];
  grumbler = new Grumbler();
  /** Does what the host asks; throws what is wrong. */
  onCall: (call: Call) => Promise<string | null> = async () => null;
  /** Calls that came before anybody could answer wait for this. */
  able: Promise<void>;
  sayAble: () => void = () => {};

  constructor(origin: string | null) {
    this.origin = origin;
    this.able = new Promise((resolve) => {
      this.sayAble = resolve;
    });
  }

  /** Say hello, where there is a host page that wants to speak. */
  begin(): void {
    if (window.parent === window || this.origin === null) return;
    addEventListener("message", this.hear);
    const hello: Hello = { type: "hopscope:hello", v: VERSION };
    // An opaque origin cannot be named; there is nothing in it that others must not read.
    window.parent.postMessage(hello, this.origin === "null" ? "*" : this.origin);
  }

  hear = (event: MessageEvent): void => {
    // What others say (a browser's extension, say) is not said to the frame.
    if (event.source !== window.parent) return;
    const init = initOf(event.data);
    const port = event.ports[0];
    if (event.origin !== this.origin) return this.grumbler.say(`it is of ${event.origin}`);
    if (!init || !port) return this.grumbler.say("it brings no port");
    removeEventListener("message", this.hear);
    this.port = port;
    if (init.v !== VERSION) {
      const version = String(init.v).slice(0, 20);
      const message = `This frame speaks version ${VERSION} of its protocol, not ${version}.`;
      port.postMessage({ type: "error", message } satisfies Event);
      return;
    }
    port.onmessage = ({ data }) => void this.answer(data);
    port.onmessageerror = () => this.grumbler.say("it cannot be read");
    for (const event of this.untold.splice(0)) port.postMessage(event);
  };

  tell(event: Event): void {
    if (this.port) this.port.postMessage(event);
    // What nobody may ever fetch must not pile up.
    else if (this.untold.length < 100) this.untold.push(event);
  }

  /** A call that is wrong is told so, when it says under which number. */
  async answer(data: unknown): Promise<void> {
    const id = numberOf(data);
    const request = requestOf(data);
    if (typeof request === "string") this.grumbler.say(request);
    if (id === null) return this.grumbler.say("it has no number");
    const answer: Answer = { type: "answer", id, value: null, error: null };
    try {
      if (typeof request === "string") throw new Error(request);
      await this.able;
      answer.value = await this.onCall(request);
    } catch (error) {
      answer.error = error instanceof Error ? error.message : String(error);
    }
    this.port?.postMessage(answer);
  }
}
