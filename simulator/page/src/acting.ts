/** What people do: commands, buttons, selects and forms, and what comes back, shown as Discord would. */
import * as api from "./api";
import type { Written } from "./modal";
import { DIRECT } from "./places";
import * as store from "./store";
import type { Cause, OpenModal, Shown } from "./store";
import { EPHEMERAL } from "./types";
import type { Choice, Exchange, MessageData, ModalData, Part } from "./types";
import { look } from "./watching";

/** Where an action comes from, and the message that waits for its answer. */
interface Asked {
  who: string;
  app: string;
  place: string;
  cause: Cause;
  source?: Shown;
}

function post(asked: Asked, type: number, data: object): Promise<Exchange> {
  const { source } = asked;
  const message = source && {
    id: source.posted ?? source.id,
    type: 0,
    flags: source.data.flags ?? 0,
    components: source.data.components,
  };
  const direct = asked.place === DIRECT.id;
  return api.interact({ persona: asked.who, app: asked.app, type, data, message: message ?? null, direct });
}

/** Flags of an update: it does not change who sees the message. */
const asPrivate = (data: MessageData, message: Shown) =>
  ((data.flags ?? message.data.flags ?? 0) & ~EPHEMERAL) | ((message.data.flags ?? 0) & EPHEMERAL);

/** Whether the game has answered. */
const isAnswered = (exchange: Exchange) => exchange.status === 200 && exchange.response !== null;

/** Show what came back. */
function follow(asked: Asked, exchange: Exchange): void {
  const response = exchange.response;
  if (!response) return;
  const data = api.withFiles(response.data ?? {}, exchange.number);
  const { who, app, place, cause, source } = asked;
  const fresh = { place, persona: who, author: store.appName(app), app, cause, data, exchange: exchange.number };
  switch (response.type) {
    case 4:
      store.keep(fresh);
      break;
    case 5:
      store.keep({ ...fresh, state: "thinking" });
      break;
    case 6:
      if (source) store.change(source.key, { exchange: exchange.number, edits: 0 });
      break;
    case 7:
      if (source) store.change(source.key, updated(source, data, exchange.number));
      break;
    case 9: {
      const modal = data as ModalData;
      store.modals.value = { ...store.modals.value, [who]: { modal, app, persona: who, place, cause, source } };
      break;
    }
    default:
      store.note(who, `The application answered with type ${response.type}.`);
  }
}

/** To what the bot wrote it is one more edit, and what was read of that message before is not shown any more. */
const updated = (source: Shown, data: MessageData, exchange: number): Partial<Shown> => ({
  data: { ...data, flags: asPrivate(data, source) },
  exchange,
  edits: source.posted ? (source.edits ?? 0) + 1 : 0,
  state: "shown",
});

export async function command(who: string, app: string, data: object, typed: string): Promise<void> {
  const asked: Asked = { who, app, place: store.placeOf(who).id, cause: { command: typed } };
  const { place, cause } = asked;
  const waiting = { place, persona: who, author: store.appName(app), app, cause, data: { flags: EPHEMERAL } };
  const key = store.keep({ ...waiting, state: "waiting" });
  const exchange = await store.during(`command-${who}`, "", () => post(asked, 2, data));
  if (exchange) store.record(exchange);
  if (!exchange || !isAnswered(exchange)) store.change(key, { state: "failed", exchange: exchange?.number });
  else {
    store.dismiss(key);
    follow(asked, exchange);
  }
  await look();
}

export async function act(who: string, message: Shown, part: Part, values?: string[]): Promise<void> {
  const data: Record<string, unknown> = { id: part.id ?? 1, custom_id: part.custom_id, component_type: part.type };
  if (values) data.values = values;
  const reply = { app: message.app, text: store.gist(message.data) };
  const asked: Asked = { who, app: message.app, place: message.place, cause: { reply }, source: message };
  if (message.state === "broken") store.change(message.key, { state: "shown" });
  const exchange = await store.during(message.key, part.custom_id ?? "", () => post(asked, 3, data));
  if (exchange) store.record(exchange);
  if (!exchange || !isAnswered(exchange)) store.change(message.key, { state: "broken" });
  else follow(asked, exchange);
  await look();
}

export async function submit(opened: OpenModal, components: Written): Promise<void> {
  const { persona: who, app, place, cause, source, modal } = opened;
  const asked: Asked = { who, app, place, cause, source };
  const data = { custom_id: modal.custom_id, components };
  const exchange = await store.during(`modal-${who}`, "", () => post(asked, 5, data));
  if (exchange) store.record(exchange);
  if (!exchange || !isAnswered(exchange)) {
    store.modals.value = { ...store.modals.value, [who]: { ...opened, broken: true } };
  } else {
    closeModal(who);
    follow(asked, exchange);
  }
  await look();
}

export function closeModal(who: string): void {
  store.modals.value = { ...store.modals.value, [who]: undefined };
}

export async function complete(who: string, app: string, data: object): Promise<Choice[]> {
  const asked: Asked = { who, app, place: store.placeOf(who).id, cause: {} };
  const exchange = await post(asked, 4, data).catch(() => undefined);
  if (exchange) store.record(exchange);
  return exchange?.response?.data?.choices ?? [];
}
