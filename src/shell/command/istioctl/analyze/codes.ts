/**
 * Numbers of all messages that istioctl knows (istio: pkg/config/analysis/msg/messages.yaml, 1.30.3),
 * ours and others: who suppresses one is told when there is none of the number.
 */
const RANGES: readonly (readonly [number, number])[] = [
  [1, 2],
  [101, 103],
  [106, 112],
  [116, 116],
  [118, 118],
  [123, 123],
  [125, 171],
  [172, 176],
];

export function isCode(code: string): boolean {
  const [, digits] = /^IST(\d{4})$/.exec(code) ?? [];
  const number = Number(digits);
  return RANGES.some(([first, last]) => number >= first && number <= last);
}
