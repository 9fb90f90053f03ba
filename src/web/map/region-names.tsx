/** The names of regions on the map. They are placed with each picture, without rendering components again. */
import type { Region } from "../../api.js";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Size } from "./camera.js";
import type { Camera } from "../navigation/place.js";
import { byImportance, type Name, placeNames } from "./place-names.js";

export type PlaceNames = (camera: Camera, size: Size, nearer: number) => void;

interface NamesProps {
  regions: readonly Region[];
  /** Receives the function that places the names. */
  place: RefObject<PlaceNames | null>;
}

/** Hidden from screen readers: the list of regions has the same names as buttons. */
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
