/** What a message does not contain but is needed to draw it: people's names, and the time. */
import { createContext } from "preact";

export const Names = createContext<(id: string) => string | undefined>(() => undefined);

/** The names of roles; they are not part of a message either. */
export const Roles = createContext<(id: string) => string | undefined>(() => undefined);

/** Opens a command that a message links to, in the box below it; null where there is no such box. */
export const Open = createContext<((path: string, id: string) => void) | null>(null);

/** In milliseconds since 1970; null where time goes on. */
export const Moment = createContext<number | null>(null);
