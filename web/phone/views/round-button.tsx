/** A button of the call: a disc with an icon, and its name beneath. */
import { Icon, type IconName } from "./icon.tsx";
import "./round-button.css";

interface RoundButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly kind?: "answer" | "stop" | "plain";
  /** Of a switch: whether it is on. */
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onPress: () => void;
}

export function RoundButton({ icon, label, kind = "plain", pressed, disabled, onPress }: RoundButtonProps) {
  return (
    <button
      type="button"
      className={`round-button ${kind}`}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onPress}
    >
      <span className="disc">
        <Icon name={icon} size={26} />
      </span>
      <span className="label">{label}</span>
    </button>
  );
}
