/** Our own signs, drawn on a grid of 24; they say nothing by themselves, so a control that has one has a name as well. */
import type { ComponentChildren } from "preact";

const PATHS: Record<string, ComponentChildren> = {
  hash: <path d="M10 3 8 21M16 3l-2 18M4.5 8.5h16M3.5 15.5h16" />,
  megaphone: <path d="M4 10v4h3l9 5V5l-9 5H4zM7.5 14.5l1.5 5h2.5l-1.4-4M19 9.5c1.2 1.4 1.2 3.6 0 5" />,
  lock: <path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3" />,
  at: <path d="M16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-4 7.5M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z" />,
  people: (
    <path d="M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6zM16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.2.8 3.5 2.7 3.5 5.5" />
  ),
  wrench: (
    <path d="M14.5 6.5a4.5 4.5 0 0 1 5.8-1L17 8.8l.6 2.1 2.1.6 1.6-3.3a4.5 4.5 0 0 1-6.3 5.3L8 20.5 3.5 16l7-7a4.5 4.5 0 0 1 4-2.5z" />
  ),
  columns: <path d="M3.5 4.5h17v15h-17zM12 4.5v15" />,
  compass: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM15.5 8.5l-2 5-5 2 2-5z" />,
  moon: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />,
  sun: (
    <path d="M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3 19 19M5 19l1.7-1.7M17.3 6.7 19 5" />
  ),
  search: <path d="M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 21 21" />,
  plus: <path d="M12 5v14M5 12h14" />,
  apps: <path d="M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM16.75 13.5v6.5M13.5 16.75H20" />,
  smile: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 14c1.8 2.7 6.2 2.7 8 0M9 9.5v.2M15 9.5v.2" />,
  down: <path d="m6 9.5 6 6 6-6" />,
  right: <path d="m9.5 6 6 6-6 6" />,
  back: <path d="M20 12H4.5M11 5l-7 7 7 7" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  close: <path d="M6 6l12 12M18 6 6 18" />,
  eye: (
    <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z" />
  ),
  send: <path d="M4 12h8M4 4.5 21 12 4 19.5 5.5 12z" />,
  file: <path d="M6 2.5h8l4.5 4.5v14.5H6zM13.5 2.5V7.5h5" />,
  save: <path d="M12 3.5v12M7 11l5 5 5-5M4 20.5h16" />,
  crown: <path d="M3.5 8l4 4L12 5l4.5 7 4-4-1.5 10.5h-14z" />,
  wrong: <path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v6.5M12 16v1" />,
  out: <path d="M14 4h6v6M20 4l-9 9M17 14v5.5H4.5V7H10" />,
  chat: <path d="M4 4.5h16v12H11l-5 4v-4H4z" />,
  code: <path d="m8 6.5-5.5 5.5L8 17.5M16 6.5l5.5 5.5-5.5 5.5M13.5 4.5l-3 15" />,
};

export function Icon({ name, size = 20 }: { name: string; size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      {PATHS[name]}
    </svg>
  );
}
