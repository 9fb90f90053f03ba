/** The regions of the map as a list, for moving around without a mouse. */
import type { Region } from "../../api.js";
import { number } from "../ui/wording.js";

interface RegionListProps {
  regions: readonly Region[];
  onVisit: (region: Region) => void;
}

export function RegionList({ regions, onVisit }: RegionListProps) {
  const large = regions.filter(({ level }) => level === 0);
  const small = regions.filter(({ level }) => level !== 0);
  if (regions.length === 0) return null;
  return (
    <section class="map-regions" aria-labelledby="map-regions">
      <h2 id="map-regions">Regions</h2>
      <Buttons regions={large} onVisit={onVisit} />
      {small.length > 0 && (
        <details>
          <summary>{number(small.length)} smaller ones</summary>
          <Buttons regions={small} onVisit={onVisit} />
        </details>
      )}
    </section>
  );
}

function Buttons({ regions, onVisit }: RegionListProps) {
  return (
    <ul>
      {regions
        .toSorted((a, b) => b.papers - a.papers)
        .map((region, index) => (
          <li key={index}>
            <button type="button" onClick={() => onVisit(region)}>
              <bdi>{region.name}</bdi>
              <span class="quiet">
                {number(region.papers)}
                <span class="unseen"> {region.papers === 1 ? "paper" : "papers"}</span>
              </span>
            </button>
          </li>
        ))}
    </ul>
  );
}
