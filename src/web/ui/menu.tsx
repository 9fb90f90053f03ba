/** A button that opens a menu below it. Escape and a click elsewhere close the menu. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface MenuProps {
  /** What the button shows. */
  button: ComponentChildren;
  /** What screen readers say of the button. */
  label: string;
  /** Whether what the menu does has been done, at least in part. */
  done: boolean;
  action: string;
  /** Rendered while the menu is open. */
  children: ComponentChildren;
}

export function Menu({ button, label, done, action, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const close = (): void => void (menu.current !== null && (menu.current.open = false));
    const onPointer = (event: Event): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) close();
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      close();
      menu.current?.querySelector("summary")?.focus();
    };
    const listening = new AbortController();
    document.addEventListener("pointerdown", onPointer, { signal: listening.signal });
    document.addEventListener("keydown", onKey, { signal: listening.signal });
    return () => listening.abort();
  }, [open]);
  return (
    <details class="save" ref={menu} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class={done ? "saved" : ""} aria-label={label} data-action={action}>
        {button}
      </summary>
      {open && <div class="menu">{children}</div>}
    </details>
  );
}
