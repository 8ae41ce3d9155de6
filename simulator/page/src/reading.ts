/** What a message alone does not say to whoever draws it: what people are called, and what time it is. */
import { createContext } from "preact";

export const Names = createContext<(id: string) => string | undefined>(() => undefined);

/** In milliseconds since 1970; null where time goes on. */
export const Moment = createContext<number | null>(null);
