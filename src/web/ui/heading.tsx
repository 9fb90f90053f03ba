/** The heading of a view. Going to the view focuses it, so that screen readers read it and continue from there. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Router } from "../navigation/router.js";
import { useStore } from "../session/stores.js";

export function Heading({ children, class: name }: { children: ComponentChildren; class?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const router = useStore(Router);
  useLayoutEffect(() => {
    // Typing is not interrupted.
    if (router.hasMoved && !(document.activeElement instanceof HTMLInputElement))
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} class={name} tabIndex={-1} dir="auto">
      {children}
    </h1>
  );
}

export const focusHeading = (): void => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
