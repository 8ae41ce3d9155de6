/** Light, dark, or as the system is set; stored in the browser. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const theme = signal(localStorage.getItem("theme") ?? "auto");

export function Theme() {
  useEffect(() => {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem("theme", theme.value);
  }, [theme.value]);
  return (
    <label>
      <span class="hush">Theme</span>{" "}
      <select
        class="select"
        aria-label="Theme"
        value={theme.value}
        onChange={(event) => {
          theme.value = event.currentTarget.value;
        }}
      >
        <option value="auto">as the system</option>
        <option value="light">light</option>
        <option value="dark">dark</option>
      </select>
    </label>
  );
}
