/** Every message the game can send, drawn from a file: what members see, all on one page. */
import { useEffect, useState } from "preact/hooks";
import { Message } from "./messages";
import { Form } from "./modal";
import { Moment, Names } from "./reading";
import { Theme } from "./theme";
import type { MessageData, ModalData } from "./types";

/**
 * `by` is the action that shows it, `at` its time in seconds since 1970, `private` whether only one person sees it,
 * `people` the names by id.
 */
interface Scene {
  name: string;
  state: string;
  kind: "message" | "modal" | "choices";
  by: string;
  at: number;
  private: boolean;
  people: Record<string, string>;
  data: MessageData & ModalData & { choices?: { name: string }[] };
}

const nothing = () => undefined;
const anchor = (name: string) => name.replace(/\W+/g, "-").replace(/^-/, "");

export function Gallery() {
  const [scenes, setScenes] = useState<Scene[]>([]);
  useEffect(() => {
    void fetch("gallery.json").then(async (answer) => setScenes((await answer.json()) as Scene[]));
  }, []);
  useEffect(() => {
    if (scenes.length) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [scenes]);
  const names = [...new Set(scenes.map((scene) => scene.name))];
  return (
    <main class="scenes">
      <header>
        <h1>Every message the game can send</h1>
        <p>
          <a href="./">Back to the channel</a>. {scenes.length} messages in all. <Theme />
        </p>
        <nav aria-label="What sends them">
          <ul>
            {names.map((name) => (
              <li key={name}>
                <a href={`#${anchor(name)}`}>{name}</a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      {names.map((name) => (
        <section key={name} id={anchor(name)} aria-label={name}>
          <h2>{name}</h2>
          {scenes
            .filter((scene) => scene.name === name)
            .map((scene) => (
              <Shown key={scene.state} scene={scene} />
            ))}
        </section>
      ))}
    </main>
  );
}

function Shown({ scene }: { scene: Scene }) {
  const hidden = scene.private && scene.kind === "message";
  return (
    <article aria-label={`${scene.name}: ${scene.state}`}>
      <h3 class="state">
        {scene.state}
        {hidden ? <small> (only one person sees it)</small> : null}
      </h3>
      <Moment.Provider value={scene.at * 1000}>
        <Names.Provider value={(id) => scene.people[id]}>
          <div class={hidden ? "message private" : "message"}>
            <Drawn scene={scene} />
          </div>
        </Names.Provider>
      </Moment.Provider>
    </article>
  );
}

function Drawn({ scene }: { scene: Scene }) {
  if (scene.kind === "message") return <Message data={scene.data} act={nothing} />;
  if (scene.kind === "modal") return <Form modal={scene.data} busy={false} onSubmit={nothing} onClose={nothing} />;
  if (!scene.data.choices?.length) return <p>Nothing is suggested.</p>;
  return (
    <ul class="suggested">
      {scene.data.choices.map((choice) => (
        <li key={choice.name}>{choice.name}</li>
      ))}
    </ul>
  );
}
