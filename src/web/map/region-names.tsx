/** The names of regions over the map. They are placed with each picture, past the framework, which need not know. */
import type { Region } from "../../api.js";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Camera, Size } from "./camera.js";
import { byImportance, type Name, placeNames } from "./place-names.js";

export type PlaceNames = (camera: Camera, size: Size, nearer: number) => void;

interface NamesProps {
  regions: readonly Region[];
  /** Takes the function that places them. */
  place: RefObject<PlaceNames | null>;
}

/** The same names are in the list of regions, as buttons: here they are for the eye only. */
export function Names({ regions, place }: NamesProps) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    const elements = [...(list.current?.children ?? [])].filter((child) => child instanceof HTMLElement);
    const measured = measure(regions, elements);
    const order = byImportance(measured);
    place.current = (camera, size, nearer) => {
      const placed = placeNames(measured, order, camera, size, nearer);
      const shown = new Set(placed.map(({ index }) => index));
      for (const [index, element] of elements.entries()) element.classList.toggle("shown", shown.has(index));
      for (const { index, left, top } of placed) {
        const element = elements[index];
        if (element !== undefined) element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
      }
    };
    return () => {
      place.current = null;
    };
  }, [regions, place]);
  return (
    <ul class="map-names" ref={list} aria-hidden="true">
      {regions.map(({ name, level }, index) => (
        <li key={index} class={`level-${level}`} dir="auto">
          {name}
        </li>
      ))}
    </ul>
  );
}

const measure = (regions: readonly Region[], elements: readonly HTMLElement[]): Name[] =>
  regions.map((region, index) => ({
    ...region,
    width: elements[index]?.offsetWidth ?? 0,
    height: elements[index]?.offsetHeight ?? 0,
  }));
