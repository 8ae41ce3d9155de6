/** The messages of one place, as one person sees them: in groups, with days between them and a line above what is new. */
import { Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { act } from "./acting";
import { Hints } from "./hints";
import { Icon } from "./icons";
import type { Place } from "./places";
import { Posted } from "./posted";
import { Open } from "./reading";
import { colourOf } from "./roles";
import * as store from "./store";
import type { Shown } from "./store";
import { lastRead, read } from "./unread";

/** Milliseconds within which messages of one author stand in one group. */
const GROUP = 7 * 60_000;

/** Pixels from the end that still count as being there. */
const NEAR = 60;

interface Where {
  who: string;
  place: Place;
  wanted: string;
  open: (path: string, id: string) => void;
}

export function Channel({ who, place, wanted, open }: Where) {
  const box = useRef<HTMLDivElement>(null);
  // A reader further up is left there; pictures that load late push nobody away from the end.
  const isAtEnd = useRef(true);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  const [entered] = useState(() => lastRead(who, place.id));
  const seen = store.messages.value.filter((one) => one.place === place.id && store.sees(who, one));
  const shown = wanted ? seen.filter((one) => matches(one, wanted)) : seen;
  const last = shown.at(-1);
  useEffect(() => {
    toEnd();
    read(who, place.id);
  }, [last?.key]);
  useEffect(() => {
    if (isAtEnd.current) toEnd();
  }, [last?.data, last?.state]);
  const fresh = entered ? shown.find((one) => one.order > entered && one.persona !== who) : undefined;
  return (
    <div
      ref={box}
      class="channel"
      role="log"
      aria-label="Messages"
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: it }) => {
        isAtEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < NEAR;
      }}
      onLoadCapture={() => {
        if (isAtEnd.current) toEnd();
      }}
    >
      <div class="filler" />
      {wanted ? (
        <p class="found">{shown.length ? `${shown.length} found` : "Nothing is found"}</p>
      ) : (
        <Start place={place} />
      )}
      <Hints who={who} />
      <Open.Provider value={open}>
        {shown.map((message, index) => (
          <Fragment key={message.key}>
            <Between message={message} before={shown[index - 1]} fresh={message === fresh} />
            <One who={who} message={message} before={message === fresh ? undefined : shown[index - 1]} />
          </Fragment>
        ))}
      </Open.Provider>
      <div class="end" />
    </div>
  );
}

const matches = (message: Shown, wanted: string) =>
  `${message.author} ${JSON.stringify(message.data)}`.toLowerCase().includes(wanted.toLowerCase());

/** What stands at the very top of a place. */
function Start({ place }: { place: Place }) {
  const isDirect = place.icon === "at";
  return (
    <div class="start">
      <span class="badge">
        <Icon name={isDirect ? "chat" : place.icon} size={40} />
      </span>
      <h3>{isDirect ? place.name : `Welcome to #${place.name}!`}</h3>
      <p>
        {isDirect
          ? `This is the beginning of your direct messages with ${place.name}.`
          : `This is the start of the #${place.name} channel. ${place.topic}.`}
      </p>
    </div>
  );
}

function Between({ message, before, fresh }: { message: Shown; before?: Shown; fresh: boolean }) {
  const day = new Date(message.at).toDateString();
  const isNewDay = !before || new Date(before.at).toDateString() !== day;
  if (!isNewDay && !fresh) return null;
  return (
    <div class={fresh ? "between fresh" : "between"}>
      <span>{isNewDay ? new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(message.at) : ""}</span>
      {fresh ? <b>New</b> : null}
    </div>
  );
}

function One({ who, message, before }: { who: string; message: Shown; before?: Shown }) {
  const { author, app, at, cause, state, exchange } = message;
  const hidden = store.isPrivate(message);
  const follows =
    before !== undefined &&
    !cause.command &&
    !cause.reply &&
    before.author === author &&
    before.app === app &&
    store.isPrivate(before) === hidden &&
    at - before.at < GROUP;
  const person = store.persona(message.persona);
  const [by, colour] = [person?.name ?? "", colourOf(person?.user_id ?? "")];
  return (
    <Posted
      author={author}
      colour={app ? "" : colour}
      app={app}
      at={at}
      follows={follows}
      hidden={hidden}
      state={state}
      command={cause.command ? { by, colour, typed: cause.command } : undefined}
      reply={cause.reply && { ...cause.reply, author: store.appName(cause.reply.app) }}
      data={message.data}
      used={store.busy.value.get(message.key)}
      act={(part, values) => void act(who, message, part, values)}
      dismiss={() => store.dismiss(message.key)}
    >
      {exchange ? (
        <button type="button" class="inspect" aria-label="inspect" onClick={() => store.inspect(exchange)}>
          <Icon name="code" size={18} />
        </button>
      ) : null}
    </Posted>
  );
}
