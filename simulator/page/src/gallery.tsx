/** Every message the game can send, drawn from a file: what members see, all on one page. */
import { useEffect, useState } from "preact/hooks";
import { type Kind, Pictures } from "./drawn";
import { Icon } from "./icons";
import { Form } from "./modal";
import { Posted } from "./posted";
import { Moment, Names } from "./reading";
import * as store from "./store";
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
  const [pictures, setPictures] = useState<Kind[]>([]);
  useEffect(() => {
    void Promise.all(["pictures.json", "gallery.json"].map(async (file) => (await fetch(file)).json())).then(
      ([drawn, played]) => {
        setPictures(drawn as Kind[]);
        setScenes(played as Scene[]);
      },
    );
  }, []);
  useEffect(() => {
    if (scenes.length) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [scenes]);
  const names = [...new Set(scenes.map((scene) => scene.name))];
  return (
    <div class="gallery-page">
      <header class="top">
        <p>Every message the game can send</p>
        <nav aria-label="View">
          <Theme />
          <a class="plain-icon named" href="./">
            <Icon name="back" /> Back to the server
          </a>
        </nav>
      </header>
      <nav class="channels" aria-label="What sends them">
        <h3 class="server-name">Gallery</h3>
        <a class="channel-row" href="#pictures">
          <Icon name="eye" />
          <span>Pictures</span>
        </a>
        {names.map((name) => (
          <a key={name} class="channel-row" href={`#${anchor(name)}`}>
            <Icon name="hash" />
            <span>{name}</span>
          </a>
        ))}
      </nav>
      <main class="scenes">
        <h1 class="unseen">Every message the game can send</h1>
        <Pictures kinds={pictures} />
        {names.map((name) => (
          <section key={name} id={anchor(name)} aria-label={name}>
            <h2>
              <Icon name="hash" size={24} /> {name}
            </h2>
            {scenes
              .filter((scene) => scene.name === name)
              .map((scene) => (
                <Shown key={scene.state} scene={scene} />
              ))}
          </section>
        ))}
      </main>
    </div>
  );
}

function Shown({ scene }: { scene: Scene }) {
  return (
    <article class="scene" aria-label={`${scene.name}: ${scene.state}`}>
      <h3 class="state">{scene.state}</h3>
      <Moment.Provider value={scene.at * 1000}>
        <Names.Provider value={(id) => scene.people[id]}>
          <div class="drawn">
            <Drawn scene={scene} />
          </div>
        </Names.Provider>
      </Moment.Provider>
    </article>
  );
}

/** Who sends it: the second application has the commands of challenges, and some names are those of webhooks. */
function sender(scene: Scene): { author: string; app: string } {
  if (["Announcements", "Alerts"].includes(scene.name)) return { author: scene.name, app: "webhook" };
  const app = scene.name.startsWith("/tensey") ? "tensey" : "main";
  return { author: store.appName(app), app };
}

/** The command that shows it, if it is one alone, and a name for those who may use it. */
function used({ by }: Scene) {
  if (!by.startsWith("/") || by.includes(",")) return undefined;
  return { by: /^\/(admin|security|start-raid)/.test(by) ? "Ada" : "Alex", typed: by };
}

function Drawn({ scene }: { scene: Scene }) {
  const { author, app } = sender(scene);
  if (scene.kind === "message")
    return (
      <Posted
        author={author}
        app={app}
        at={scene.at * 1000}
        hidden={scene.private}
        command={used(scene)}
        data={scene.data}
        act={nothing}
      />
    );
  if (scene.kind === "modal")
    return (
      <div class="modal">
        <Form modal={scene.data} app={app} busy={false} onSubmit={nothing} onClose={nothing} />
      </div>
    );
  if (!scene.data.choices?.length) return <p class="panel-hint">Nothing is suggested.</p>;
  return (
    <div class="picker of-options">
      <ul class="picker-list">
        {scene.data.choices.map((choice) => (
          <li key={choice.name} class="choice-row">
            {choice.name}
          </li>
        ))}
      </ul>
    </div>
  );
}
