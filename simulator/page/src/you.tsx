/** Who one is: the panel at the bottom left, and the list of all personas to become another one. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Avatar } from "./avatar";
import { Icon } from "./icons";
import * as store from "./store";
import { Theme } from "./theme";
import type { Persona } from "./types";
import { look } from "./watching";

const KINDS: Record<string, string> = {
  member: "member",
  owner: "owner",
  admin: "admin",
  moderator: "moderator",
  bot: "a bot",
  stranger: "from another server",
  direct: "in a direct message",
};
const ADDED = Object.keys(KINDS).filter((kind) => kind !== "owner" && kind !== "bot");

/** A bot can be named, for instance to be warned; nobody sits down as one. */
const playable = (one: Persona) => one.kind !== "bot";

export function You({ seat, who }: { seat: number; who: string }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const persona = store.persona(who);
  useLayoutEffect(() => {
    if (!open) return;
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
    <div ref={box} class="you">
      {open ? <People seat={seat} who={who} close={() => setOpen(false)} /> : null}
      <div class="panel-of-you">
        <button type="button" class="me" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Avatar name={persona?.name ?? ""} size={32} status />
          <span class="me-name">
            <span class="unseen">You are </span>
            <strong>{persona?.name}</strong>
            <small>{KINDS[persona?.kind ?? ""]}</small>
          </span>
        </button>
        {seat ? null : <SideBySide />}
        <Theme />
      </div>
    </div>
  );
}

function SideBySide() {
  const [first = "", second] = store.seats.value;
  const other = store.personas.value.find((one) => one.id !== first && playable(one))?.id ?? first;
  return (
    <button
      type="button"
      class="plain-icon wide-only"
      aria-pressed={second !== undefined}
      title="Two side by side"
      aria-label="Two side by side"
      onClick={() => {
        store.seats.value = second === undefined ? [first, other] : [first];
      }}
    >
      <Icon name="columns" />
    </button>
  );
}

/** All personas, one click or one key apart; a click closes the list, the arrow keys do not. */
function People({ seat, who, close }: { seat: number; who: string; close: () => void }) {
  return (
    <div class="people">
      <h3>Play as</h3>
      <div role="radiogroup" aria-label="You are">
        {store.personas.value.filter(playable).map((one) => (
          <Sitting key={one.id} one={one} seat={seat} chosen={one.id === who} close={close} />
        ))}
      </div>
      <NewPersona seat={seat} close={close} />
    </div>
  );
}

function Sitting({ one, seat, chosen, close }: { one: Persona; seat: number; chosen: boolean; close: () => void }) {
  const box = useRef<HTMLInputElement>(null);
  // Before the next key: a late focus would take it away from the name of somebody new.
  useLayoutEffect(() => {
    if (chosen) box.current?.focus();
  }, []);
  return (
    <label class="sitting">
      <input
        ref={box}
        type="radio"
        name={`seat-${seat}`}
        aria-label={one.kind === "member" ? one.name : `${one.name}, ${KINDS[one.kind]}`}
        checked={chosen}
        onClick={(event) => {
          sit(seat, one.id);
          if (event.detail) close(); // an arrow key has none
        }}
      />
      <Avatar name={one.name} size={24} />
      <span>{one.name}</span>
      {one.kind === "member" ? null : <small>{KINDS[one.kind]}</small>}
    </label>
  );
}

function sit(seat: number, who: string): void {
  store.seats.value = store.seats.value.map((sitting, place) => (place === seat ? who : sitting));
  void look();
}

function NewPersona({ seat, close }: { seat: number; close: () => void }) {
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <button type="button" class="button secondary" onClick={() => setOpen(true)}>
        Somebody new
      </button>
    );
  return (
    <form
      class="newcomer"
      onSubmit={async (event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        const id = await store.meet(String(fields.get("name")), String(fields.get("kind")));
        if (!id) return;
        sit(seat, id);
        close();
      }}
    >
      <input name="name" class="box" aria-label="Name" placeholder="Name" required maxLength={32} autocomplete="off" />
      <select name="kind" class="box" aria-label="Kind">
        {ADDED.map((kind) => (
          <option key={kind} value={kind}>
            {KINDS[kind]}
          </option>
        ))}
      </select>
      <div class="row end">
        <button type="button" class="button secondary" onClick={() => setOpen(false)}>
          Cancel
        </button>
        <button type="submit" class="button primary">
          Add
        </button>
      </div>
    </form>
  );
}
