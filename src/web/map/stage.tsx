/** The map itself: the picture, what is above it, and pointing at papers. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { addressOfPaper, viewOf } from "../navigation/address.js";
import { useStore } from "../session/stores.js";
import { announce } from "../ui/announce.js";
import type { Go } from "../navigation/router.js";
import { number } from "../ui/wording.js";
import { boxBetween, roundedBox, type Size, toMap, toView } from "./camera.js";
import type { Box, Camera } from "../navigation/place.js";
import { Card } from "./card.js";
import { Names, type PlaceNames } from "./region-names.js";
import { Cards, useCard } from "./use-card.js";
import type { Drawn } from "./use-map.js";
import { type Scene, Viewer } from "./viewer.js";

/** Pixels around a point that still count as pointing at it, with a mouse and with a finger. */
const REACH = { mouse: 8, touch: 20 };
/** Pixels around a paper within which others are fetched with it. */
const VICINITY = 40;
/** Papers that are fetched together. */
const TOGETHER = 12;
/** The most papers that are looked for under the pointer. */
const MAX_UNDER = 50;

interface StageProps {
  drawn: Drawn;
  scene: Scene;
  /** The first camera; null for the whole map. */
  at: Camera | null;
  area: Box | null;
  drawsArea: boolean;
  go: Go;
  onViewer: (viewer: Viewer | null) => void;
  onRest: (camera: Camera, all: boolean) => void;
  onArea: (area: Box) => void;
}

export function Stage({ drawn, scene, at, area, drawsArea, go, onViewer, onRest, onArea }: StageProps) {
  const { info, points, near, bulk } = drawn;
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer | null>(null);
  const names = useRef<PlaceNames | null>(null);
  const rectangle = useRef<HTMLDivElement>(null);
  /** The paper one points at, and its neighbours. */
  const [around, setAround] = useState<readonly number[]>([]);
  /** Counts how often the WebGL context was restored: its content is lost then. */
  const [generation, setGeneration] = useState(0);
  const [canDraw, setCanDraw] = useState(true);
  const touching = useRef(false);
  const cards = useStore(Cards);
  const card = useCard(around.map((index) => points.labels[index] ?? 0));
  const pointed = around[0] ?? null;
  const matches = useMemo(() => new Set(scene.matches), [scene.matches]);

  /** The latest callbacks, so that the viewer need not be created again for new ones. */
  const latest = useRef({ onRest, onArea, area });
  latest.current = { onRest, onArea, area };

  const placeRectangle = (corners: readonly [[number, number], [number, number]] | null): void => {
    const { current: element } = rectangle;
    if (element === null) return;
    element.hidden = corners === null;
    if (corners === null) return;
    const { x0, y0, x1, y1 } = boxBetween(...corners);
    Object.assign(element.style, {
      transform: `translate(${x0}px, ${y0}px)`,
      width: `${x1 - x0}px`,
      height: `${y1 - y0}px`,
    });
  };
  const placeArea = (camera: Camera, size: Size): void => {
    const { area: box } = latest.current;
    placeRectangle(
      box === null ? null : [toView(camera, size, [box.x0, box.y0]), toView(camera, size, [box.x1, box.y1])],
    );
  };

  useEffect(() => {
    if (canvas.current === null) return undefined;
    const made: Viewer = new Viewer(
      canvas.current,
      points,
      { all: bulk, reach: info.bounds },
      viewer.current?.camera ?? at,
      {
        frame: (camera, size, nearer) => {
          names.current?.(camera, size, nearer);
          placeArea(camera, size);
        },
        moved: () => setAround((before) => (before.length === 0 ? before : [])),
        rest: (camera, all) => latest.current.onRest(camera, all),
        drawing: (corners) => (corners === null ? placeArea(made.camera, made.size) : placeRectangle(corners)),
        drawn: ([a, b]) => {
          const { camera, size } = made;
          latest.current.onArea(roundedBox(camera.zoom, boxBetween(toMap(camera, size, a), toMap(camera, size, b))));
        },
        lost: () => setCanDraw(false),
        restored: () => setGeneration((before) => before + 1),
      },
    );
    viewer.current = made;
    setCanDraw(made.canDraw);
    onViewer(made);
    return () => {
      made.end();
      onViewer(null);
    };
  }, [points, generation]);

  useEffect(() => viewer.current?.show(scene), [scene, points, generation]);
  useEffect(() => {
    if (viewer.current !== null) placeArea(viewer.current.camera, viewer.current.size);
  }, [area]);
  useEffect(() => {
    if (viewer.current !== null) viewer.current.drawsArea = drawsArea;
  }, [drawsArea, points, generation]);

  /** The papers around a place in the view, nearest first; none when the nearest is too far. */
  const find = (left: number, top: number, reach: number): readonly number[] => {
    const { current: now } = viewer;
    if (now === null) return [];
    const [x, y] = toMap(now.camera, now.size, [left, top]);
    const scale = 2 ** now.camera.zoom;
    const reached = near.around(x, y, Math.max(now.radius + 3, reach) / scale, MAX_UNDER);
    // Matches are drawn above the others.
    const first = reached.find((index) => matches.has(index)) ?? reached[0];
    if (first === undefined) return [];
    return [first, ...near.around(x, y, VICINITY / scale, TOGETHER).filter((index) => index !== first)];
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (event.pointerType === "touch" || event.buttons !== 0) return;
    const found = drawsArea || event.shiftKey ? [] : find(event.offsetX, event.offsetY, REACH.mouse);
    setAround((before) => (before[0] === found[0] ? before : found));
  };
  const onClick = (event: MouseEvent): void => {
    if (drawsArea || event.shiftKey) return;
    if (touching.current) return setAround(find(event.offsetX, event.offsetY, REACH.touch));
    const [index] = find(event.offsetX, event.offsetY, REACH.mouse);
    const label = index === undefined ? undefined : points.labels[index];
    if (label !== undefined) void open(label);
  };
  const open = async (label: number): Promise<void> => {
    const paper = await cards.paperOf(label);
    // One may have gone elsewhere meanwhile.
    if (canvas.current === null) return;
    if (paper === null) announce("The paper could not be fetched");
    else go(viewOf(addressOfPaper(paper.id).slice("./".length)));
  };

  const place = pointed === null ? null : viewer.current?.placeOf(pointed);
  return (
    <div class="map-stage">
      <canvas
        key="canvas"
        ref={canvas}
        class={drawsArea ? "draws-area" : pointed === null ? "" : "points"}
        tabIndex={0}
        role="img"
        aria-label={`Map of ${number(points.count)} papers; similar ones are close together. Arrow keys move it, plus and minus zoom, 0 shows all of it. The regions and the papers in view are listed next to it.`}
        onPointerDown={(event) => {
          touching.current = event.pointerType === "touch";
        }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          if (!touching.current) setAround([]);
        }}
        onClick={onClick}
        onKeyDown={(event) => {
          if (event.key === "Escape") setAround([]);
        }}
      />
      <Names regions={info.regions} place={names} />
      <div ref={rectangle} class="map-area" hidden />
      {place !== null && place !== undefined && viewer.current !== null && (
        <Ring place={place} radius={viewer.current.radius + 5} />
      )}
      {card !== null && place !== null && place !== undefined && viewer.current !== null && (
        <Card paper={card.paper} place={place} size={viewer.current.size} />
      )}
      {!canDraw && (
        <p class="map-note">
          This browser cannot draw the points: WebGL 2 is off or missing. The regions and their papers can still be
          browsed.
        </p>
      )}
      <div class="map-zoom">
        <button type="button" onClick={() => viewer.current?.closer(1)} aria-label="Zoom in" title="Zoom in (+)">
          +
        </button>
        <button type="button" onClick={() => viewer.current?.closer(-1)} aria-label="Zoom out" title="Zoom out (-)">
          −
        </button>
        <button type="button" onClick={() => viewer.current?.reset()} aria-label="Show all" title="Show all (0)">
          All
        </button>
      </div>
    </div>
  );
}

/** A ring around the paper one points at. It is an element, so that the points need not be drawn again. */
const Ring = ({ place: [left, top], radius }: { place: readonly [number, number]; radius: number }) => (
  <div
    class="map-ring"
    style={{
      transform: `translate(${left - radius}px, ${top - radius}px)`,
      width: `${2 * radius}px`,
      height: `${2 * radius}px`,
    }}
  />
);
