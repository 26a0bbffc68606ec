// Where a visitor's own files come in: dropped, chosen or pasted.
import { useState } from "preact/hooks";
import { bringIn } from "../plan/files.ts";
import { names, openReady, plan } from "../store.ts";

export function OpenFiles() {
  const [isOver, setOver] = useState(false);
  const [isPasting, setPasting] = useState(false);
  const [pasted, setPasted] = useState("");
  return (
    <section class="open" aria-label="Your own plan">
      <label
        class={`drop ${isOver ? "is-over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void bringIn([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <input
          type="file"
          class="unseen"
          multiple
          accept=".yaml,.yml,.json,.env,text/*"
          data-testid="files"
          onChange={(event) => {
            void bringIn([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <strong>Drop your Compose file or Kubernetes manifests</strong>
        <span>with override and .env, or a scenario. It stays in this tab.</span>
      </label>
      <div class="row">
        <button
          type="button"
          class="plain"
          aria-expanded={isPasting}
          onClick={() => setPasting(!isPasting)}
        >
          Paste text
        </button>
        <ReadyStacks />
      </div>
      {isPasting && (
        <form
          class="paste"
          onSubmit={(event) => {
            event.preventDefault();
            void bringIn([new File([pasted], "compose.yaml")]);
          }}
        >
          <textarea
            aria-label="Compose, Kubernetes or scenario file"
            rows={8}
            spellcheck={false}
            value={pasted}
            placeholder={"services:\n  web:\n    image: nginx:1.27"}
            onInput={(event) => setPasted(event.currentTarget.value)}
          />
          <button type="submit" disabled={pasted.trim() === ""}>
            Simulate
          </button>
        </form>
      )}
    </section>
  );
}

function ReadyStacks() {
  return (
    <select
      aria-label="Ready stacks"
      autocomplete="off"
      value={plan.value.ready ?? ""}
      onChange={(event) => void openReady(event.currentTarget.value)}
    >
      {plan.value.ready === null && (
        <option value="">{plan.value.files.map((file) => file.name).join(" + ")}</option>
      )}
      {names.value.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
