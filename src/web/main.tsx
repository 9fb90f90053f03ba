import { render } from "preact";
import { App } from "./app/app.js";
import { Stores } from "./session/stores.js";

const root = document.getElementById("app");
if (root !== null)
  render(
    <Stores.Provider value={new Map()}>
      <App />
    </Stores.Provider>,
    root,
  );
