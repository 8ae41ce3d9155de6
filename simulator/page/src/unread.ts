/** What somebody has not read: each persona and place has the last message that was shown there. */
import { signal } from "@preact/signals";
import * as store from "./store";

const marks = signal<ReadonlyMap<string, number>>(new Map());
const mark = (who: string, place: string) => `${who} ${place}`;

/** The order of the last message that somebody has read in a place; 0 if they were never there. */
export const lastRead = (who: string, place: string): number => marks.value.get(mark(who, place)) ?? 0;

/** Somebody looks at a place now. */
export function read(who: string, place: string): void {
  const last = store.messages.value.at(-1)?.order ?? 0;
  if (lastRead(who, place) < last) marks.value = new Map([...marks.value, [mark(who, place), last]]);
}

/** How many messages in a place somebody has not read. What the bot wrote to them counts, what they wrote does not. */
export function unread(who: string, place: string): number {
  const from = lastRead(who, place);
  return store.messages.value.filter(
    (one) => one.place === place && one.order > from && (one.persona !== who || one.posted) && store.sees(who, one),
  ).length;
}
