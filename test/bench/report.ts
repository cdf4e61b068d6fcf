// Tables and the few statistics that the benchmark needs.

/** Prints a table as Markdown, columns aligned, so that the output can stand in docs/benchmarks.md as it is. */
export function printTable(title: string, header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${widths.map((w, i) => (cells[i] ?? '').padEnd(w)).join(' | ')} |`;
  const rule = `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`;
  console.log(`\n### ${title}\n\n${[line(header), rule, ...rows.map(line)].join('\n')}`);
}

export function minimum(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : mean(sorted.slice(middle - 1, middle + 1));
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** `12.3` or, from a thousand on, `12,345`. */
export function number(value: number, digits = 1): string {
  const fixed = Math.abs(value) >= 1000 ? 0 : digits;
  return value.toLocaleString('en', { minimumFractionDigits: fixed, maximumFractionDigits: fixed });
}

/** CPU seconds of this process, all threads, that `work` takes, and its result. */
export async function cpuSeconds<T>(work: () => T | Promise<T>): Promise<{ result: T; seconds: number }> {
  const start = process.cpuUsage();
  const result = await work();
  const used = process.cpuUsage(start);
  return { result, seconds: (used.user + used.system) / 1e6 };
}

/** Prints the median and the 95th percentile of milliseconds. */
export function printQuantiles(what: string, milliseconds: readonly number[]): void {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.ceil(q * sorted.length) - 1]!.toFixed(1);
  console.log(`  ${what.padEnd(48)} ${quantile(0.5)} / ${quantile(0.95)}`);
}
