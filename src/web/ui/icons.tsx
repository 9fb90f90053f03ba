/** Icons. Each has a label in words next to it. */

export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" focusable="false">
    <circle cx="11.5" cy="16" r="9.5" />
    <circle cx="20.5" cy="16" r="9.5" />
    <path d="M16 7.63a9.5 9.5 0 0 1 0 16.74a9.5 9.5 0 0 1 0-16.74z" />
  </svg>
);

export const Heart = () => (
  <svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" focusable="false">
    <path d="M8 13.6 2.6 8.3a3.3 3.3 0 0 1 0-4.8 3.4 3.4 0 0 1 4.8 0l.6.6.6-.6a3.4 3.4 0 0 1 4.8 0 3.3 3.3 0 0 1 0 4.8z" />
  </svg>
);

export const Nay = () => (
  <svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="5.8" />
    <path d="m4 12 8-8" />
  </svg>
);

export const Bookmark = () => (
  <svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" focusable="false">
    <path d="M4 2.4h8v11.2l-4-3.2-4 3.2z" />
  </svg>
);

export const Lens = () => (
  <svg class="icon lens" viewBox="0 0 16 16" width="17" height="17" aria-hidden="true" focusable="false">
    <circle cx="7" cy="7" r="4.6" />
    <path d="m10.4 10.4 4 4" />
  </svg>
);

export const Quote = () => (
  <svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" focusable="false">
    <path d="M6.6 4.2c-2.4.5-3.8 2-3.8 4.4v3.2h3.8V8.2H4.4M13.2 4.2c-2.4.5-3.8 2-3.8 4.4v3.2h3.8V8.2H11" />
  </svg>
);

export const Bell = () => (
  <svg class="icon" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true" focusable="false">
    <path d="M3.2 11.6c1-1 1.3-2.2 1.3-4.1a3.5 3.5 0 0 1 7 0c0 1.9.3 3.1 1.3 4.1zM6.6 13.6c.7.7 2.1.7 2.8 0" />
  </svg>
);
