/** The order of LC_COLLATE=C, which is also what `sort` and `ls` use here. */
export function byLocale(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
