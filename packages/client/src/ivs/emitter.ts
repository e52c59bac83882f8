/** Listeners by event, as the SDK keeps them. */
type Listeners<Events> = { [Event in keyof Events]: (...told: never[]) => void };

export interface Emitter<Events extends Listeners<Events>> {
  readonly on: <Event extends keyof Events>(event: Event, callback: Events[Event]) => void;
  readonly off: <Event extends keyof Events>(event: Event, callback: Events[Event]) => void;
  readonly emit: <Event extends keyof Events>(event: Event, ...told: Parameters<Events[Event]>) => void;
}

export function createEmitter<Events extends Listeners<Events>>(): Emitter<Events> {
  const listeners: { [Event in keyof Events]?: Set<Events[Event]> } = {};
  return {
    on: (event, callback) => void (listeners[event] ??= new Set()).add(callback),
    off: (event, callback) => void listeners[event]?.delete(callback),
    emit(event, ...told) {
      // Each listener of an event takes what that event tells; TypeScript loses that link when the name is a variable.
      for (const callback of listeners[event] ?? []) callback(...(told as never[]));
    },
  };
}
