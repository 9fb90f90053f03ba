interface NameInputProps {
  id: string;
  name: string;
  onName: (name: string) => void;
}

/** The field for the name of a list. */
export const NameInput = ({ id, name, onName }: NameInputProps) => (
  <input
    id={id}
    value={name}
    maxLength={200}
    autocomplete="off"
    onInput={(event) => onName(event.currentTarget.value)}
  />
);
