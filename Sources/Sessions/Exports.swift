// JSONValue is part of this module's interface; whoever imports the one has the other.
@_exported public import WireText
