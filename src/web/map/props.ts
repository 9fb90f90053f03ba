import type { Status } from "../../api.js";
import type { MapView } from "../navigation/address.js";
import type { Go } from "../navigation/router.js";

export interface MapPageProps {
  view: MapView;
  go: Go;
  /** Counts the changes of the library. */
  edition: number;
  status: Status | null;
}
