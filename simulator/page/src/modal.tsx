/** A modal with all the parts we use; the answers are sent in Discord's format. */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Avatar } from "./avatar";
import { Choice, Dots } from "./controls";
import { Icon } from "./icons";
import { Markdown } from "./markdown";
import { Several } from "./several";
import * as store from "./store";
import type { ModalData, Part } from "./types";

type Values = Record<string, string | boolean | string[]>;

/** The components of a modal's submission, as Discord sends them. */
export type Written = object[];

interface Opened {
  modal: ModalData;
  app: string;
  busy: boolean;
  /** The last try had no answer. */
  broken?: boolean;
  onSubmit: (components: Written) => void;
  onClose: () => void;
}

export function Modal({ onClose, ...opened }: Opened) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="modal" aria-label={opened.modal.title} onClose={onClose}>
      <Form {...opened} onClose={() => dialog.current?.close()} />
    </dialog>
  );
}

/** The content of a modal, wherever it is drawn. */
export function Form({ modal, app, busy, broken, onSubmit, onClose }: Opened) {
  const [values, setValues] = useState<Values>(() => initial(modal.components));
  const prefix = useId();
  const set = (name: string, value: Values[string]) => setValues((known) => ({ ...known, [name]: value }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(written(modal.components, values));
      }}
    >
      <header>
        <Avatar name={store.appName(app)} app={app} size={40} />
        <h3 class="title">{modal.title}</h3>
        <button type="button" class="plain-icon" aria-label="Close" onClick={onClose}>
          <Icon name="close" size={24} />
        </button>
      </header>
      <div class="fields-of">
        <p class="warning">
          What you write here goes to {store.appName(app)}. Do not share passwords or other secrets.
        </p>
        {modal.components.map((part, place) => (
          <Field key={part.id ?? place} part={part} values={values} set={set} prefix={prefix} />
        ))}
        {broken ? (
          <p class="problem" role="alert">
            Something went wrong. Try again.
          </p>
        ) : null}
      </div>
      <footer>
        <button type="button" class="button secondary" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={busy ? "button primary waits" : "button primary"} disabled={busy}>
          Submit
          {busy ? <Dots /> : null}
        </button>
      </footer>
    </form>
  );
}

interface Filled {
  prefix: string;
  part: Part;
  values: Values;
  set: (name: string, value: Values[string]) => void;
}

function Field({ part, values, set, prefix }: Filled) {
  if (part.type === 10) return <Markdown text={part.content ?? ""} />;
  if (part.type === 1)
    return (
      <>
        {part.components?.map((inner) => (
          <div key={inner.custom_id} class="field">
            <label for={`${prefix}-${inner.custom_id}`}>{inner.label}</label>
            <Input part={inner} values={values} set={set} prefix={prefix} id={`${prefix}-${inner.custom_id}`} />
          </div>
        ))}
      </>
    );
  const inner = part.component;
  if (part.type !== 18 || !inner) return <p class="unplayable">A part of type {part.type} is not known here.</p>;
  const id = `${prefix}-${inner.custom_id}`;
  const described = part.description ? `${id}-description` : undefined;
  const description = part.description ? <small id={described}>{part.description}</small> : null;
  if (inner.type === 21 || inner.type === 22)
    return (
      <fieldset class="field" aria-describedby={described}>
        <legend>{part.label}</legend>
        {description}
        <Choices part={inner} values={values} set={set} prefix={prefix} />
      </fieldset>
    );
  return (
    <div class="field">
      <label for={id}>
        {part.label}
        {inner.required === false || inner.type === 23 ? "" : <span aria-hidden="true"> *</span>}
      </label>
      {description}
      <Input part={inner} values={values} set={set} prefix={prefix} id={id} described={described} />
    </div>
  );
}

function Input({ part, values, set, id, described }: Filled & { id?: string; described?: string }) {
  const name = part.custom_id ?? "";
  const shared = { id, name, "aria-describedby": described };
  if (part.type === 23)
    return (
      <input
        {...shared}
        type="checkbox"
        checked={values[name] === true}
        onChange={(event) => set(name, event.currentTarget.checked)}
      />
    );
  if (part.type === 3) {
    const required = part.required !== false;
    if ((part.max_values ?? 1) > 1)
      return (
        <Several
          label={part.placeholder || "Make a selection"}
          options={part.options ?? []}
          least={part.min_values ?? 1}
          most={part.max_values ?? 1}
          choose={(chosen) => set(name, chosen)}
        />
      );
    return (
      <Choice
        id={id}
        name={name}
        described={described}
        placeholder={part.placeholder || "Make a selection"}
        options={part.options ?? []}
        value={(values[name] as string[] | undefined)?.[0] ?? ""}
        required={required}
        choose={(value) => set(name, value === "" ? [] : [value])}
      />
    );
  }
  const text = {
    ...shared,
    value: String(values[name] ?? ""),
    placeholder: part.placeholder,
    required: part.required !== false,
    minLength: part.min_length,
    maxLength: part.max_length ?? 4000,
    autocomplete: "off",
  };
  return part.style === 2 ? (
    <textarea {...text} rows={4} onInput={(event) => set(name, event.currentTarget.value)} />
  ) : (
    <input {...text} type="text" onInput={(event) => set(name, event.currentTarget.value)} />
  );
}

function Choices({ part, values, set, prefix }: Filled) {
  const name = part.custom_id ?? "";
  const chosen = (values[name] as string[] | undefined) ?? [];
  const single = part.type === 21;
  const toggle = (value: string, on: boolean) => {
    if (single) set(name, [value]);
    else set(name, on ? [...chosen, value] : chosen.filter((one) => one !== value));
  };
  return (
    <>
      {part.options?.map((option) => (
        <label key={option.value} class="choice">
          <input
            type={single ? "radio" : "checkbox"}
            name={`${prefix}-${name}`}
            value={option.value}
            checked={chosen.includes(option.value)}
            required={single && part.required !== false}
            onChange={(event) => toggle(option.value, event.currentTarget.checked)}
          />
          <span>
            {option.label}
            {option.description ? <small> {option.description}</small> : null}
          </span>
        </label>
      ))}
    </>
  );
}

function inputs(parts: Part[]): Part[] {
  return parts
    .flatMap((part) => [...(part.component ? [part.component] : []), ...inputs(part.components ?? [])])
    .concat(parts.filter((part) => part.type === 4));
}

function initial(parts: Part[]): Values {
  const values: Values = {};
  for (const part of inputs(parts)) {
    const name = part.custom_id ?? "";
    const chosen = part.options?.filter((option) => option.default).map((option) => option.value);
    if (part.type === 23) values[name] = part.default ?? false;
    else values[name] = chosen ?? part.value ?? "";
  }
  return values;
}

function written(parts: Part[], values: Values): Written {
  return parts
    .filter((part) => part.type === 18 || part.type === 1)
    .map((part, place) =>
      part.type === 18 && part.component
        ? { type: 18, id: part.id ?? place * 2 + 1, component: answer(part.component, values, place * 2 + 2) }
        : {
            type: 1,
            id: part.id ?? place * 2 + 1,
            components: part.components?.map((inner) => answer(inner, values, place * 2 + 2)),
          },
    );
}

function answer(part: Part, values: Values, id: number): object {
  const shared = { type: part.type, id: part.id ?? id, custom_id: part.custom_id };
  const value = values[part.custom_id ?? ""];
  if (part.type === 21) return { ...shared, value: (value as string[])[0] ?? null };
  return Array.isArray(value) ? { ...shared, values: value } : { ...shared, value };
}
