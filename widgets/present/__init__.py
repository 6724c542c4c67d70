"""Pure presentation: model values to lines of spans. No widget, no clock, no I/O."""
