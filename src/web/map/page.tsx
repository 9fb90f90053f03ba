/** The view of the map: the picture, and next to it the legend and the same papers and regions as lists. */
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Region } from "../../api.js";
import { Follow } from "../alerts/follow.js";
import { ActiveFilters } from "../search/active-filters.js";
import { addressOf, type MapColour, type MapView } from "../navigation/address.js";
import { announce } from "../ui/announce.js";
import { Failure } from "../ui/failure.js";
import { Slow } from "../ui/slow.js";
import { Heading } from "../ui/heading.js";
import type { Go } from "../navigation/router.js";
import { titleOfList } from "../lists/lists.js";
import type { MapPageProps } from "./props.js";
import { useLists } from "../lists/use-lists.js";
import { useTitle } from "../ui/use-title.js";
import { count } from "../ui/wording.js";
import { holds, rounded, roundedBox, seenFrom } from "./camera.js";
import { type Box, type Camera, textOfCamera } from "../navigation/place.js";
import {
  paletteOfCategories,
  paletteOfYears,
  plainPalette,
  plainShades,
  shadesOfCategories,
  shadesOfYears,
} from "./colours.js";
import { InView, searchIn } from "./in-view.js";
import { Legend } from "./legend.js";
import { placeOf } from "./points.js";
import { RegionList } from "./region-list.js";
import { Stage } from "./stage.js";
import { NAMED, useTheme } from "./theme.js";
import { useListed } from "./use-listed.js";
import { type Matches, matchesInWords, useMatches } from "./use-matches.js";
import { type Drawn, useMap } from "./use-map.js";
import type { Viewer } from "./viewer.js";

/** The zoom for a region of each level, in powers of two above that of the whole map. */
const VISIT = [1.5, 2.6, 3.6] as const;

export function WholeMap({ view, go, edition, status }: MapPageProps) {
  const { drawn, problem, again } = useMap(edition);
  useTitle(view.q === "" ? "Map" : `${view.q} · Map`);
  if (drawn === null)
    return (
      <Words heading="Map of papers">
        {problem === null ? (
          <>
            <p class="quiet">Fetching the map…</p>
            <Slow again={again} />
          </>
        ) : (
          <Failure problem={problem} again={again} />
        )}
      </Words>
    );
  if (drawn.info.points === 0)
    return (
      <Words heading="No map yet">
        {status?.papers === 0 ? (
          <p>The map shows papers, and there are none yet. Drop a file of papers anywhere on this page.</p>
        ) : (
          <p>
            The map is made while papers are embedded, and then appears here. Each paper is a point, and similar papers
            are close together.
          </p>
        )}
      </Words>
    );
  return <Chart view={view} go={go} drawn={drawn} />;
}

const Words = ({ heading, children }: { heading: string; children: ComponentChildren }) => (
  <main id="content" class="single" tabIndex={-1}>
    <div class="whole map-words">
      <Heading>{heading}</Heading>
      {children}
    </div>
  </main>
);

interface ChartProps {
  view: MapView;
  go: Go;
  drawn: Drawn;
}

function Chart({ view, go, drawn }: ChartProps) {
  const { info, points, near } = drawn;
  const colour = view.colour ?? (info.categories.length === 0 ? "year" : "category");
  const listed = useListed(colour, points);
  const matches = useMatches(view, points, near);
  const [spotlight, setSpotlight] = useState<number | null>(null);
  const [drawsArea, setDrawsArea] = useState(false);
  const [seen, setSeen] = useState<Box | null>(null);
  const [viewer, setViewer] = useState<Viewer | null>(null);
  const paint = usePaint(colour, drawn, spotlight);
  const scene = useMemo(
    () => ({ ...paint, marked: listed.indexes, matches: matches.indexes }),
    [paint, listed.indexes, matches.indexes],
  );
  const latest = useRef(view);
  latest.current = view;
  /** The camera in the address, as it was last known here. */
  const said = useRef(textOf(view.at));

  const onRest = (camera: Camera, all: boolean): void => {
    if (viewer !== null) setSeen(roundedBox(camera.zoom, seenFrom(camera, viewer.size)));
    const at = all ? null : rounded(camera);
    if (textOf(at) === textOf(latest.current.at)) return;
    said.current = textOf(at);
    go({ ...latest.current, at }, "stay");
  };
  useReturn(viewer, view.at, said);
  useEffect(() => {
    // At least one match is made visible.
    const first = matches.indexes?.[0];
    if (viewer === null || matches.indexes === null || first === undefined) return;
    const box = seenFrom(viewer.camera, viewer.size);
    if (matches.indexes.some((index) => holds(box, placeOf(points, index)))) return;
    const [x, y] = placeOf(points, first);
    viewer.look({ ...viewer.camera, x, y }, true);
  }, [matches.indexes, viewer]);

  const visit = ({ name, papers, x, y, level }: Region): void => {
    announce(`${name}, ${count(papers, "paper")}`);
    viewer?.visit({ x, y, zoom: viewer.overview.zoom + VISIT[level] });
  };
  const area = view.filters.area ?? null;
  return (
    <main id="content" class="map" tabIndex={-1}>
      <div class="map-bar">
        <Heading class="question">{headingOf(view, matches, points.count)}</Heading>
        <ActiveFilters filters={view.filters} onChange={(filters) => go({ ...view, filters })} />
        <ColourChoice view={view} colour={colour} go={go} />
        <div class="map-tools">
          <button type="button" aria-pressed={drawsArea} onClick={() => setDrawsArea(!drawsArea)}>
            Select an area
          </button>
          <a class="picker" href={addressOf(searchIn(view, area ?? seen))}>
            {area === null ? "Search in this view" : "Search in this area"}
          </a>
        </div>
      </div>
      <Stage
        drawn={drawn}
        scene={scene}
        at={view.at}
        area={area}
        drawsArea={drawsArea}
        go={go}
        onViewer={setViewer}
        onRest={onRest}
        onArea={(box) => {
          setDrawsArea(false);
          go({ ...view, filters: { ...view.filters, area: box } });
        }}
      />
      <div class="map-side">
        {matches.problem !== null && <Failure problem={matches.problem} again={matches.again} />}
        <Legend
          colour={colour}
          categories={info.categories}
          points={points}
          years={paint.years}
          listed={listed.indexes.length}
          spotlight={spotlight}
          onSpotlight={setSpotlight}
        />
        {listed.problem !== null && <Failure problem={listed.problem} again={listed.again} />}
        {info.pending > 0 && (
          <p class="quiet">
            {count(info.pending, "paper")} {info.pending === 1 ? "is" : "are"} not on the map yet.
          </p>
        )}
        <RegionList regions={info.regions} onVisit={visit} />
        <InView view={view} seen={seen} />
        {(area !== null || (view.at !== null && seen !== null)) && (
          <div>
            <Follow
              view={searchIn(view, area ?? seen)}
              words={area === null ? "Follow this part of the map" : "Follow this area"}
              now=""
              called={regionIn(info.regions, area ?? seen)}
            />
          </div>
        )}
      </div>
    </main>
  );
}

/** The name of the region that is nearest to the middle of an area; undefined if none is in it. */
function regionIn(regions: readonly Region[], area: Box | null): string | undefined {
  if (area === null) return undefined;
  const [x, y] = [(area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2];
  const inside = regions.filter((one) => holds(area, [one.x, one.y]));
  const far = (one: Region): number => Math.hypot(one.x - x, one.y - y);
  return inside.toSorted((a, b) => far(a) - far(b))[0]?.name;
}

const textOf = (at: Camera | null): string => (at === null ? "" : textOfCamera(at));

/** Moves the camera when going back or forward has changed the address, but not when a movement here has. */
function useReturn(viewer: Viewer | null, at: Camera | null, said: RefObject<string>): void {
  const key = textOf(at);
  useEffect(() => {
    if (viewer === null || said.current === key) return;
    said.current = key;
    viewer.look(at ?? viewer.overview, false);
  }, [viewer, key]);
}

function usePaint(colour: MapColour, { points }: Drawn, spotlight: number | null) {
  const theme = useTheme();
  const shaded = useMemo(() => {
    if (colour === "category") return { shades: shadesOfCategories(points, NAMED), years: [] };
    if (colour !== "year") return { shades: plainShades(points), years: [] };
    const { shades, marks } = shadesOfYears(points);
    return { shades, years: marks };
  }, [colour, points]);
  return useMemo(() => {
    const palette =
      colour === "category"
        ? paletteOfCategories(theme, spotlight)
        : colour === "year"
          ? paletteOfYears(theme)
          : plainPalette(theme);
    return { ...shaded, palette, theme };
  }, [colour, shaded, theme, spotlight]);
}

function headingOf(view: MapView, { indexes, busy }: Matches, papers: number): string {
  if (indexes === null || busy) return `Map of ${count(papers, "paper")}`;
  return matchesInWords(view, indexes.length, papers);
}

function ColourChoice({ view, colour: shown, go }: { view: MapView; colour: MapColour; go: Go }) {
  const { lists } = useLists();
  const colours: [MapColour, string][] = [
    ["category", "By category"],
    ["year", "By year"],
    ...lists.map(({ name }): [MapColour, string] => [`list:${name}`, `List: ${titleOfList(name)}`]),
  ];
  return (
    <div class="map-colour">
      <label for="map-colour">Colours</label>
      <select
        id="map-colour"
        value={shown}
        onChange={(event) => {
          const chosen = colours.find(([colour]) => colour === event.currentTarget.value)?.[0];
          if (chosen !== undefined) go({ ...view, colour: chosen }, "stay");
        }}
      >
        {colours.map(([colour, name]) => (
          <option key={colour} value={colour}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
