/** The panel above a command that is being typed: what its option is, and what can be chosen for it. */
import { useEffect, useRef } from "preact/hooks";
import { Avatar } from "./avatar";
import type { Line } from "./commands";
import * as store from "./store";
import type { Choice, CommandOption } from "./types";

interface Suggesting {
  id: string;
  line: Line;
  option?: CommandOption;
  /** The options that may still be added. */
  left: CommandOption[];
  choices: Choice[];
  at: number;
  problem: string;
  take: (choice: Choice) => void;
}

export function Suggestions({ id, line, option, left, choices, at, problem, take }: Suggesting) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const described = (choice: Choice) => left.find((one) => one.name === choice.value)?.description;
  return (
    <div class="picker of-options">
      <p class="picker-head">
        <Avatar name={store.appName(line.app)} app={line.app} size={24} />
        <strong>{option ? option.name : `/${line.name}`}</strong>
        <span>{option ? option.description : line.description}</span>
      </p>
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      {choices.length ? (
        <div
          ref={box}
          class="picker-list"
          role="listbox"
          id={id}
          aria-label={option ? `Suggestions for ${option.name}` : "Options"}
        >
          {option ? null : (
            <p class="picker-group" aria-hidden="true">
              Options
            </p>
          )}
          {choices.map((choice, index) => (
            <div
              key={String(choice.value)}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              class="choice-row"
              onMouseDown={(event) => {
                event.preventDefault();
                take(choice);
              }}
            >
              <span>{choice.name}</span>
              {option ? null : <small>{described(choice)}</small>}
            </div>
          ))}
        </div>
      ) : null}
    </div>
  );
}
