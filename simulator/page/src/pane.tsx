/** One seat at the channel: the persona, the messages, and the box to type in. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Composer } from "./composer";
import type { Link } from "./composer";
import { Message } from "./messages";
import { Modal } from "./modal";
import { Open } from "./reading";
import * as store from "./store";
import type { Persona } from "./types";

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

export function Pane({ seat }: { seat: number }) {
  const who = store.seats.value[seat] ?? "";
  const persona = store.persona(who);
  const opened = store.modals.value[who];
  const [tapped, setTapped] = useState<Link | null>(null);
  return (
    <section class="pane" aria-label={`Seat ${seat + 1}: ${persona?.name ?? ""}`}>
      <h2 class="unseen">
        Seat {seat + 1}: {persona?.name}
      </h2>
      <header class="seat">
        <span class="hush">You are</span>
        <People seat={seat} who={who} />
        <NewPersona seat={seat} />
      </header>
      <Open.Provider value={(path, id) => setTapped({ path, id })}>
        <Channel who={who} />
      </Open.Provider>
      <Composer key={who} who={who} tapped={tapped} onTaken={() => setTapped(null)} />
      {opened ? (
        <Modal
          key={opened.modal.custom_id}
          modal={opened.modal}
          busy={store.busy.value.has(`modal-${who}`)}
          onSubmit={(components) => void store.submit(opened, components)}
          onClose={() => store.closeModal(who)}
        />
      ) : null}
    </section>
  );
}

/** All personas, one click apart; the current one is scrolled into view. */
function People({ seat, who }: { seat: number; who: string }) {
  const chosen = useRef<HTMLLabelElement>(null);
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [who, store.seats.value.length]);
  return (
    <div class="people" role="radiogroup" aria-label="You are">
      {store.personas.value.filter(playable).map((one) => (
        <label key={one.id} ref={one.id === who ? chosen : undefined} class="button secondary small">
          <input type="radio" name={`seat-${seat}`} checked={one.id === who} onChange={() => sit(seat, one.id)} />
          {one.kind === "member" ? one.name : `${one.name}, ${KINDS[one.kind]}`}
        </label>
      ))}
    </div>
  );
}

function sit(seat: number, who: string): void {
  store.seats.value = store.seats.value.map((sitting, place) => (place === seat ? who : sitting));
  void store.look();
}

function NewPersona({ seat }: { seat: number }) {
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <button type="button" class="button secondary small" onClick={() => setOpen(true)}>
        Somebody new
      </button>
    );
  return (
    <form
      class="row"
      onSubmit={async (event) => {
        event.preventDefault();
        const fields = new FormData(event.currentTarget);
        const id = await store.meet(String(fields.get("name")), String(fields.get("kind")));
        if (id) {
          setOpen(false);
          sit(seat, id);
        }
      }}
    >
      <input name="name" class="box" aria-label="Name" placeholder="Name" required maxLength={32} autocomplete="off" />
      <select name="kind" class="select" aria-label="Kind">
        {ADDED.map((kind) => (
          <option key={kind} value={kind}>
            {KINDS[kind]}
          </option>
        ))}
      </select>
      <button type="submit" class="button primary small">
        Add
      </button>
      <button type="button" class="button secondary small" onClick={() => setOpen(false)}>
        Cancel
      </button>
    </form>
  );
}

function Channel({ who }: { who: string }) {
  const end = useRef<HTMLDivElement>(null);
  const seen = store.messages.value.filter((message) => store.sees(who, message));
  const last = seen.at(-1)?.key;
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [last]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div class="channel" role="log" aria-label="Messages" aria-live="polite" tabIndex={0}>
      {seen.length ? null : (
        <div class="welcome">
          <h3>A channel of your own</h3>
          <p>
            Type <kbd>/</kbd> below and choose a command: <code>/help</code> shows the way, <code>/tenseylist</code>{" "}
            opens the challenges. Everything you do is signed and goes the whole way: gateway, function, database.
          </p>
        </div>
      )}
      {seen.map((message) => (
        <Posted key={message.key} who={who} message={message} />
      ))}
      <div ref={end} />
    </div>
  );
}

function Posted({ who, message }: { who: string; message: store.Shown }) {
  const asker = store.persona(message.persona);
  const hidden = store.isPrivate(message);
  const at = new Date(message.at);
  return (
    <article
      class={hidden ? "message private" : "message"}
      aria-label={`${message.author}, ${at.toLocaleTimeString()}`}
    >
      <header>
        {message.asked && asker ? (
          <span class="hush">
            {asker.name} used <strong>{message.asked}</strong>
          </span>
        ) : null}
        <span>
          <strong class="author">{message.author}</strong> <span class="tag">{message.app ? "APP" : "PAGE"}</span>{" "}
          <time dateTime={at.toISOString()} class="hush">
            {at.toLocaleTimeString()}
          </time>
          {message.exchange ? (
            <button type="button" class="link" onClick={() => store.inspect(message.exchange ?? null)}>
              inspect
            </button>
          ) : null}
        </span>
      </header>
      {message.note ? <p class="problem">{message.note}</p> : null}
      <Message
        data={message.data}
        busy={store.busy.value.has(message.key)}
        act={(part, values) => void store.act(who, message, part, values)}
      />
      {hidden && !message.note ? <p class="subtext">Only {asker?.name ?? "you"} can see this.</p> : null}
    </article>
  );
}
