// What the program that tries mutants is proven on: two gates, of which one has a test.

/** True when somebody may come in: on the list, and not before the door opens. */
export const mayEnter = (guest: { listed: boolean; hour: number }): boolean => guest.listed && guest.hour >= 18;
