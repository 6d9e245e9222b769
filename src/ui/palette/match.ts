/**
 * How well a label fits what was typed: each word's letters must come in their order; whole words and
 * beginnings count most. 0: not at all.
 */
export function fitness(label: string, typed: string): number {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const text = label.toLowerCase();
  let sum = 1;
  for (const word of words) {
    const found = wordFitness(text, word);
    if (found === 0) return 0;
    sum += found;
  }
  return sum;
}

function wordFitness(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 8;
  if (at > 0) return /[a-z0-9]/.test(text[at - 1] ?? "") ? 3 : 6;
  let from = 0;
  for (const letter of word) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}
