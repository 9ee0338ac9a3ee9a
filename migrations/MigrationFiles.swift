/// The SQL files of this folder as they were when the program was built.
public enum MigrationFiles {
    /// File name and contents, in no particular order.
    public static let all: [(name: String, contents: [UInt8])] = [
        ("11_sessions.sql", PackageResources._1_sessions_sql),
        ("12_sessions_design.sql", PackageResources._2_sessions_design_sql),
        ("13_session_functions.sql", PackageResources._3_session_functions_sql),
        ("14_session_lifecycle.sql", PackageResources._4_session_lifecycle_sql),
        ("15_session_indexes.sql", PackageResources._5_session_indexes_sql),
        ("16_backchannel_logout.sql", PackageResources._6_backchannel_logout_sql),
        ("17_login_slots.sql", PackageResources._7_login_slots_sql),
        ("18_login_slot_index.sql", PackageResources._8_login_slot_index_sql),
        ("19_login_functions.sql", PackageResources._9_login_functions_sql),
    ]
}
