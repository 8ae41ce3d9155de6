/** A few words between members, so that the game is seen where it lives: among people. The page alone knows them. */
import * as store from "./store";

const MINUTE = 60_000;
const SAID: [string, number, string][] = [
  ["Robin", 52, "morning! who is going to the street market today?"],
  ["Sam", 49, "me, around noon. I want five hellos before lunch"],
  ["Robin", 48, "five? then I take six 😄"],
  ["Kim", 31, "Nice to see you two out there. Log them afterwards: `/submit-stats`"],
  ["Sam", 8, "said good morning to the whole bakery queue. voice was shaking, did it anyway"],
  ["Robin", 6, "**that** is the point. well done!"],
];

let said = false;

/** Once, when the personas are known. */
export function talk(): void {
  if (said || !store.setup.value) return;
  said = true;
  for (const [name, ago, content] of SAID) {
    const speaker = store.personas.value.find((one) => one.name === name);
    const from = { place: "general", persona: speaker?.id ?? "", author: name, app: "", cause: {} };
    if (speaker) store.keep({ ...from, data: { content }, at: Date.now() - ago * MINUTE });
  }
}
