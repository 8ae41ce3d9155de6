/** A list to choose several of, as Discord draws it: it opens below its box, and what was chosen counts when it closes. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Glyph } from "./controls";
import { Icon } from "./icons";
import type { SelectOption } from "./types";

interface SeveralOf {
  label: string;
  options: SelectOption[];
  least: number;
  most: number;
  disabled?: boolean;
  /** What is chosen when the list closes, if that changed and is neither too few nor too many. */
  choose: (values: string[]) => void;
}

export function Several({ label, options, least, most, disabled, choose }: SeveralOf) {
  const before = options.filter((option) => option.default).map((option) => option.value);
  const [chosen, setChosen] = useState(before);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => setChosen(before), [before.join()]);

  const close = () => {
    setOpen(false);
    const isChanged = chosen.length !== before.length || chosen.some((value) => !before.includes(value));
    if (isChanged && chosen.length >= least) choose(chosen);
    else setChosen(before);
  };
  const toggle = (value: string) => {
    if (chosen.includes(value)) setChosen(chosen.filter((one) => one !== value));
    else if (chosen.length < most) setChosen([...chosen, value]);
  };
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) close();
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  });
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const option = options[at];
    if (!open) {
      if (!step) return; // Enter and Space click the box
      setOpen(true);
    } else if (step) setAt((at + step + options.length) % options.length);
    else if ((event.key === "Enter" || event.key === " ") && option) toggle(option.value);
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  const names = options.filter((option) => chosen.includes(option.value)).map((option) => option.label);
  return (
    <div ref={box} class="several">
      <button
        type="button"
        class="select"
        role="combobox"
        aria-label={label}
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-controls={id}
        aria-activedescendant={open ? `${id}-${at}` : undefined}
        disabled={disabled}
        onClick={() => (open ? close() : setOpen(true))}
        onKeyDown={key}
      >
        <span class="chips">{names.length ? names.map((name) => <b key={name}>{name}</b>) : label}</span>
        <Icon name="down" size={18} />
      </button>
      <div
        id={id}
        class={open ? "several-list" : "unseen"}
        role="listbox"
        aria-label={label}
        aria-multiselectable="true"
        inert={!open}
      >
        {options.map((option, index) => (
          <div
            key={option.value}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={chosen.includes(option.value)}
            class={index === at ? "current" : undefined}
            onMouseDown={(event) => {
              event.preventDefault();
              setAt(index);
              toggle(option.value);
            }}
          >
            <Glyph emoji={option.emoji} />
            <div>
              <span class="label">{option.label}</span>
              {option.description ? <span class="description"> {option.description}</span> : null}
            </div>
            <span class="tick" aria-hidden="true">
              {chosen.includes(option.value) ? <Icon name="check" size={16} /> : null}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
