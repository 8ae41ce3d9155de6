/** A message in its place: who wrote it, when, what it answers, and who sees it. */
import type { ComponentChildren } from "preact";
import { Avatar } from "./avatar";
import { Dots } from "./controls";
import { Icon } from "./icons";
import { Message } from "./messages";
import type { Act } from "./messages";
import type { State } from "./store";
import type { MessageData } from "./types";

/** Everything around a message that Discord shows of it. */
export interface Surroundings {
  author: string;
  /** The colour of the author's highest role. */
  colour?: string;
  /** As in `Shown`. */
  app: string;
  at: number;
  /** It follows another one of the same author, and has no heading of its own. */
  follows?: boolean;
  hidden: boolean;
  edited?: boolean;
  command?: { by: string; colour?: string; typed: string };
  reply?: { author: string; app: string; text: string };
  state?: State;
  dismiss?: () => void;
  children?: ComponentChildren;
}

const TIME: Intl.DateTimeFormatOptions = { timeStyle: "short" };

/** "Today at 20:12", as Discord writes it. */
export function when(at: number, now = Date.now()): string {
  const time = new Intl.DateTimeFormat(undefined, TIME).format(at);
  const days = (moment: number) => new Date(moment).toDateString();
  if (days(at) === days(now)) return `Today at ${time}`;
  if (days(at) === days(now - 86_400_000)) return `Yesterday at ${time}`;
  return `${new Intl.DateTimeFormat(undefined, { dateStyle: "short" }).format(at)} ${time}`;
}

interface Posted extends Surroundings {
  data: MessageData;
  act: Act;
  used?: string;
}

export function Posted({ data, act, used, ...around }: Posted) {
  const { author, app, at, follows, hidden, state = "shown", children } = around;
  const kinds = ["posted", app && app !== "page" ? "answer" : "", hidden ? "private" : "", follows ? "follows" : ""];
  const waits = state === "waiting" || state === "thinking";
  return (
    <article
      class={kinds.filter(Boolean).join(" ")}
      aria-label={`${author}, ${when(at)}`}
      aria-busy={waits || undefined}
    >
      {children}
      <Spine {...around} />
      {follows ? null : <Avatar name={author} app={app === "page" ? "" : app} />}
      <div class="said">
        {follows ? (
          <Clock at={at} short />
        ) : (
          <header>
            <span class={`author ${around.colour ?? ""}`}>{author}</span>
            {app ? <span class="tag">APP</span> : null}
            <Clock at={at} />
          </header>
        )}
        {state === "shown" || state === "broken" ? <Message data={data} act={act} used={used} /> : null}
        {around.edited ? <small class="edited">(edited)</small> : null}
        <Progress state={state} author={author} />
        {hidden && !waits ? <Private dismiss={around.dismiss} /> : null}
      </div>
    </article>
  );
}

function Clock({ at, short }: { at: number; short?: boolean }) {
  const shown = short ? new Intl.DateTimeFormat(undefined, TIME).format(at) : when(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
      {shown}
    </time>
  );
}

/** The line above an answer: the command and who used it, or the message whose button or form was used. */
function Spine({ command, reply }: Surroundings) {
  if (command)
    return (
      <p class="spine">
        <Avatar name={command.by} size={16} />
        <span class={`author ${command.colour ?? ""}`}>{command.by}</span> used{" "}
        <span class="mention">{command.typed}</span>
      </p>
    );
  if (!reply) return null;
  return (
    <p class="spine">
      <Avatar name={reply.author} app={reply.app} size={16} />
      <span class="tag">APP</span>
      <span class="author">{reply.author}</span> <span class="quoted">{reply.text || "Tap to see the message"}</span>
    </p>
  );
}

function Progress({ state, author }: { state: State; author: string }) {
  switch (state) {
    case "waiting":
      return <p class="waiting">Sending command...</p>;
    case "thinking":
      return (
        <p class="waiting" role="status">
          <Dots /> {author} is thinking...
        </p>
      );
    case "failed":
      return (
        <p class="failed">
          <Icon name="wrong" size={16} /> The application did not respond
        </p>
      );
    case "broken":
      return (
        <p class="failed" role="alert">
          <Icon name="wrong" size={16} /> This interaction failed
        </p>
      );
    default:
      return null;
  }
}

function Private({ dismiss }: { dismiss?: () => void }) {
  return (
    <p class="only">
      <Icon name="eye" size={16} /> Only you can see this
      {dismiss ? (
        <>
          {" • "}
          <button type="button" class="link" onClick={dismiss}>
            Dismiss message
          </button>
        </>
      ) : null}
    </p>
  );
}
