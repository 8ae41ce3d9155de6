/** Dark, light, or as the system is set; stored in the browser. Dark is the first, as in Discord. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "./icons";

const KEY = "theme";
const NEXT: Record<string, string> = { dark: "light", light: "auto", auto: "dark" };
const WORDS: Record<string, string> = { dark: "dark", light: "light", auto: "as the system" };
const stored = localStorage.getItem(KEY) ?? "";
const theme = signal(stored in NEXT ? stored : "dark");

export function Theme() {
  useEffect(() => {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(KEY, theme.value);
  }, [theme.value]);
  const words = `Theme: ${WORDS[theme.value]}`;
  return (
    <button
      type="button"
      class="plain-icon"
      aria-label={words}
      title={words}
      onClick={() => {
        theme.value = NEXT[theme.value] ?? "dark";
      }}
    >
      <Icon name={theme.value === "light" ? "sun" : "moon"} />
    </button>
  );
}
