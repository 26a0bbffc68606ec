import { hydrate } from "preact";
import { hire } from "./engine/crew.ts";
import { keepForOffline } from "./offline.ts";
import { followAddress } from "./share/arrive.ts";
import { keepOverReload } from "./share/keep.ts";
import "./style/page.css";
import { type Birth, bear, employ } from "./store.ts";
import { App } from "./view/app.tsx";

const root = document.getElementById("app");
const birth = document.getElementById("birth")?.textContent;
if (root && birth) {
  bear(JSON.parse(birth) as Birth);
  hydrate(<App />, root);
  employ(hire());
  keepOverReload();
  followAddress();
  keepForOffline();
}
