import { portText } from "./option.ts";

/** " dpt:80", " spts:!1:1024": the ports of a tcp or udp match as -L shows them. */
export function portsText(
  label: string,
  range: readonly [number, number],
  invert: boolean,
  transport: string,
  numeric: boolean,
): string {
  const [min, max] = range;
  if (min === 0 && max === 0xffff && !invert) return "";
  const bang = invert ? "!" : "";
  if (min === max) return ` ${label}:${bang}${portText(min, transport, numeric)}`;
  return ` ${label}s:${bang}${portText(min, transport, numeric)}:${portText(max, transport, numeric)}`;
}
