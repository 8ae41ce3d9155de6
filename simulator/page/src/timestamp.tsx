/** Discord's <t:unix:style> in the reader's time zone; a relative one updates itself. */
import { signal } from "@preact/signals";
import { useContext } from "preact/hooks";
import { Moment } from "./reading";

export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 1000);

const STYLES: Record<string, Intl.DateTimeFormatOptions> = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** What rounds to one of the next unit is shown in that unit: "in 1 hour", not "in 60 minutes". */
export function relative(unix: number, at: number): string {
  const seconds = unix - at / 1000;
  const inWhole = (size: number) => Math.round(Math.abs(seconds) / size) * size;
  const [unit, size] = STEPS.find(([, least], place) => inWhole(STEPS[place + 1]?.[1] ?? 1) >= least) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

export function Timestamp({ unix, style }: { unix: number; style: string }) {
  const standing = useContext(Moment);
  const at = new Date(unix * 1000);
  if (Number.isNaN(at.getTime())) return <>{"<invalid date>"}</>;
  const full = new Intl.DateTimeFormat(undefined, STYLES.F).format(at);
  const shown =
    style === "R"
      ? relative(unix, standing ?? now.value)
      : new Intl.DateTimeFormat(undefined, STYLES[style] ?? STYLES.f).format(at);
  return (
    <time dateTime={at.toISOString()} title={full}>
      {shown}
    </time>
  );
}
