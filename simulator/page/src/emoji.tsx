/** A few emoji to put into what one says. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";

const EMOJI: [string, string][] = [
  ["😄", "grin"],
  ["🙂", "smile"],
  ["😅", "sweat smile"],
  ["😳", "flushed"],
  ["🥹", "moved"],
  ["😎", "cool"],
  ["🤝", "handshake"],
  ["👋", "wave"],
  ["👏", "clap"],
  ["🙌", "raised hands"],
  ["💪", "strong"],
  ["❤️", "heart"],
  ["🔥", "fire"],
  ["⭐", "star"],
  ["🎉", "party"],
  ["🏆", "trophy"],
  ["⚔️", "swords"],
  ["🔮", "crystal ball"],
  ["❄️", "snowflake"],
  ["🎯", "target"],
];

export function EmojiButton({ take }: { take: (emoji: string) => void }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  // Before the next tap or key: a late focus would take it away from the box.
  useLayoutEffect(() => {
    if (!open) return;
    box.current?.querySelector<HTMLElement>(".emoji button")?.focus();
    const leave = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("keydown", press);
    };
  }, [open]);
  return (
    <div ref={box} class="emoji-of">
      <button
        type="button"
        class="plain-icon"
        aria-label="Emoji"
        title="Emoji"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="smile" size={22} />
      </button>
      {open ? (
        // biome-ignore lint/a11y/useSemanticElements: a few buttons are no fieldset
        <div class="emoji" role="group" aria-label="Emoji">
          {EMOJI.map(([emoji, name]) => (
            <button
              key={name}
              type="button"
              aria-label={name}
              onClick={() => {
                setOpen(false);
                take(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}
