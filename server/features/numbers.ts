// Numbers and times as people read them, in reports, on the command line and in the editor.

export function whole(number: number): string {
  return number.toLocaleString('en');
}

/** Four digits are enough to compare; nothing for what was not measured. */
export function short(number: number | null | undefined, digits = 4): string {
  return number?.toLocaleString('en', { maximumSignificantDigits: digits }) ?? '';
}

/** @param seconds of something that took its time */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `42 s left`, `3 min left`, `1 h 20 min left`; empty where it is not known. */
export function timeLeft(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '';
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
