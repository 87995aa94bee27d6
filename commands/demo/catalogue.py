"""Who works at the demo provider, who asks, and what goes wrong at its customers'."""

from typing import NamedTuple

from domain.desk.priorities import Level


class Annex(NamedTuple):
    """Another place of a customer, in the same town."""

    name: str
    street: str
    opening_hours: str
    access_notes: str


HOURS = "Mo–Fr 8–17 Uhr"

ANNEXES = (
    Annex("Lager", "Gewerbering 5", "Mo–Fr 6–14 Uhr", "Schlüssel beim Hausmeister, vor dem Betreten die Alarmanlage abmelden."),
    Annex("Filiale am Bahnhof", "Bahnhofplatz 2", "Mo–Sa 7–19 Uhr", "Technikraum im Keller, Zugang über den Hof; Code an der Kasse erfragen."),
    Annex("Werkstatt", "Am Kanal 18", "Mo–Do 7–16 Uhr, Fr 7–12 Uhr", "Serverschrank hinter der Montage, nur mit Sicherheitsschuhen."),
    Annex("Außenstelle", "Lindenallee 33", "nach Vereinbarung", "Einen Tag vorher anmelden, Parkplatz 4 ist für uns frei."),
)  # fmt: skip
"""The second place of each company, one after the other."""

PREFIXES = {"DE": "+49 30", "AT": "+43 1", "CH": "+41 44"}
"""What the telephone numbers of a country begin with."""

JOBS = ("Geschäftsleitung", "IT-Koordination", "Buchhaltung", "Verwaltung")
"""What people do; the first of a company leads it."""

WOMEN = frozenset(
    {"Sabine", "Regula", "Silke", "Maria", "Heike", "Carla", "Ines", "Monika", "Claudia", "Eva"}
    | {"Lena", "Barbara", "Kathrin", "Birgit"}
)
"""The first names of those who are addressed as women."""

GROUPS = (
    ("First Level", "Nimmt an, klärt, löst sofort, was sofort zu lösen ist."),
    ("Netzwerk", "Switches, WLAN, Firewalls, Leitungen."),
    ("Server & Cloud", "Windows- und Linux-Server, Microsoft 365, Sicherungen."),
    ("Arbeitsplatz", "PCs, Notebooks, Drucker, Telefone."),
    ("Sicherheit", "Virenschutz, Phishing, Zertifikate, Rechte."),
)

STAFF = (
    ("Anna Berger", 0), ("Jonas Keller", 0), ("Miriam Vogt", 0), ("Emre Yilmaz", 0),
    ("Lukas Gruber", 1), ("Nadine Scholz", 1), ("Tobias Frei", 2), ("Katharina Moser", 2),
    ("Stefan Lorenz", 2), ("Paul Winkler", 3), ("Sofia Marković", 3), ("Felix Baumann", 3),
    ("Helena Roth", 4), ("David Zimmermann", 4),
)  # fmt: skip
"""Name and group of everybody who works on tickets."""

CONTACTS = (
    "Sabine Huber", "Peter Steiner", "Regula Meier", "Frank Krüger", "Josef Brandl", "Silke Petersen",
    "Maria Alpbacher", "Urs Wyss", "Heike Sommer", "Carla Feldmann", "Ines Richter", "Franz Pichler",
    "Thomas Farber", "Monika Wagner", "Andreas Maurer", "Claudia Rhein", "Egon Tann", "Eva Hofer",
    "Marco Brunner", "Lena Seiler", "Jürgen Huber", "Barbara Steiner", "Kathrin Krüger", "Nico Brandl",
    "Olaf Petersen", "Birgit Maurer",
)  # fmt: skip
"""Those who ask; the first twenty stand for one company each, the others for a second time."""

MISHEARD = ("Jürgen Huber", "Juergen Hubert", "j.huber")
"""Who of them was written down once more, how, and with which mailbox."""


class Trouble(NamedTuple):
    """A kind of request that comes again and again."""

    title: str
    description: str
    category: str
    tags: tuple[str, ...]
    group: int
    impact: Level
    urgency: Level
    answer: str
    resolution: str


HIGH, MEDIUM, LOW = Level.HIGH, Level.MEDIUM, Level.LOW

TROUBLES = (
    Trouble("Drucker im {floor} druckt nicht", "Der Druckauftrag bleibt in der Warteschlange stehen, im Display steht „Offline“.", "Hardware", ("drucker",), 3, LOW, MEDIUM, "Ich verbinde mich gleich mit dem Druckserver.", "Druckwarteschlange neu gestartet, feste IP-Adresse eingetragen."),
    Trouble("Netzwerkdrucker zieht Papier schief ein", "Seit dem Tonerwechsel kommt jedes zweite Blatt schief heraus.", "Hardware", ("drucker", "vor-ort"), 3, LOW, LOW, "Ein Kollege kommt am Nachmittag vorbei.", "Einzugsrolle gereinigt und getauscht."),
    Trouble("VPN trennt sich alle paar Minuten", "Aus dem Homeoffice bricht die Verbindung ständig ab, {person} kann nicht arbeiten.", "Netzwerk", ("vpn", "homeoffice"), 1, MEDIUM, HIGH, "Bitte schicken Sie uns die Uhrzeit des letzten Abbruchs.", "MTU angepasst und Client aktualisiert."),
    Trouble("WLAN im {floor} sehr langsam", "Videokonferenzen ruckeln, am Kabel ist alles in Ordnung.", "Netzwerk", ("wlan",), 1, MEDIUM, MEDIUM, "Wir sehen uns die Kanalbelegung an.", "Access Point auf freien Kanal gelegt, Sendeleistung verringert."),
    Trouble("Neuer Arbeitsplatz für {person}", "Beginnt am Monatsersten: Notebook, zwei Monitore, Headset, Postfach.", "Serviceanfrage", ("onboarding",), 3, LOW, MEDIUM, "Die Geräte sind bestellt.", "Arbeitsplatz eingerichtet und übergeben."),
    Trouble("Kennwort vergessen", "{person} kann sich nach dem Urlaub nicht mehr anmelden.", "Zugang", ("kennwort",), 0, LOW, HIGH, "Wir rufen zur Bestätigung zurück.", "Kennwort nach Rückruf zurückgesetzt."),
    Trouble("Verdächtige E-Mail mit Rechnung im Anhang", "Der Absender gibt sich als Lieferant aus, {person} hat nicht geklickt.", "Sicherheit", ("phishing", "e-mail"), 4, MEDIUM, HIGH, "Bitte nichts öffnen, wir sehen uns die Mail an.", "Absender gesperrt, Nachricht aus allen Postfächern entfernt."),
    Trouble("Sicherung der Nacht fehlgeschlagen", "Überwachung meldet: Auftrag „Tagessicherung“ mit Fehler beendet.", "Sicherung", ("backup", "monitoring"), 2, HIGH, MEDIUM, "Auftrag läuft zur Probe noch einmal.", "Speicherplatz erweitert, Sicherung nachgeholt und geprüft."),
    Trouble("Server antwortet nicht", "Überwachung meldet: {device} seit fünf Minuten nicht erreichbar.", "Server", ("monitoring", "ausfall"), 2, HIGH, HIGH, "Wir sind dran.", "Dienst nach Speicherfehler neu gestartet, Modul wird getauscht."),
    Trouble("Outlook sucht nichts mehr", "Die Suche findet keine Nachrichten, die älter als eine Woche sind.", "Software", ("outlook", "microsoft-365"), 0, LOW, LOW, "Wir bauen den Suchindex neu auf, das dauert etwas.", "Suchindex neu aufgebaut."),
    Trouble("Freigabe für Projektordner", "{person} braucht Schreibrechte auf „Projekte/2026“.", "Zugang", ("rechte",), 4, LOW, MEDIUM, "Wir holen die Zustimmung der Leitung ein.", "Rechte nach Freigabe erteilt."),
    Trouble("Telefonanlage: kein Ton bei Anrufen von außen", "Gespräche kommen zustande, aber man hört nichts.", "Telefonie", ("telefon", "voip"), 1, HIGH, HIGH, "Wir prüfen Firewall und Anbieter.", "SIP-ALG auf der Firewall abgeschaltet."),
    Trouble("Festplatte im {device} fast voll", "Überwachung meldet: 92 % belegt.", "Server", ("monitoring", "speicher"), 2, MEDIUM, LOW, "Wir räumen alte Protokolle auf.", "Protokolle verschoben, Laufwerk erweitert."),
    Trouble("Warenwirtschaft startet nach Update nicht", "Fehlermeldung „Datenbank nicht gefunden“ an allen Kassen.", "Software", ("erp", "update"), 2, HIGH, HIGH, "Der Hersteller ist informiert.", "Datenbankdienst auf neuen Pfad umgestellt."),
    Trouble("Zertifikat läuft in 14 Tagen ab", "Überwachung meldet Ablauf für das Webportal.", "Sicherheit", ("zertifikat", "monitoring"), 4, MEDIUM, MEDIUM, "Erneuerung ist beantragt.", "Zertifikat erneuert und automatische Verlängerung eingerichtet."),
    Trouble("Monitor flackert", "Der linke Bildschirm von {person} flackert seit heute Morgen.", "Hardware", ("monitor",), 3, LOW, LOW, "Bitte einmal das Kabel tauschen.", "Kabel getauscht."),
    Trouble("Rechner sehr langsam", "Das Anmelden dauert zehn Minuten.", "Hardware", ("notebook",), 3, LOW, MEDIUM, "Wir sehen uns das per Fernwartung an.", "SSD eingebaut, Autostart aufgeräumt."),
    Trouble("Internetleitung ausgefallen", "Im ganzen Haus kein Internet, Router blinkt rot.", "Netzwerk", ("leitung", "ausfall"), 1, HIGH, HIGH, "Störung ist beim Anbieter gemeldet.", "Störung beim Anbieter behoben, Ersatzleitung getestet."),
    Trouble("Lizenz für Bildbearbeitung", "{person} braucht das Programm für die neue Broschüre.", "Serviceanfrage", ("lizenz",), 0, LOW, LOW, "Das Angebot ist unterwegs.", "Lizenz beschafft und zugewiesen."),
    Trouble("Scanner legt Dateien im falschen Ordner ab", "Gescannte Belege landen im Ordner der Buchhaltung vom Vorjahr.", "Hardware", ("scanner", "drucker"), 3, LOW, LOW, "Wir passen das Profil an.", "Scanprofil geändert."),
)  # fmt: skip

FLOORS = ("EG", "1. OG", "2. OG", "Lager", "Empfang", "Büro 12")
DEVICES = ("SRV-DC01", "SRV-FILE02", "SRV-SQL01", "NAS-01", "SRV-RDS03")
INTERNAL_NOTES = (
    "Kunde hat Wartungsvertrag, Anfahrt inklusive.",
    "Gleiches Problem wie letzten Monat, Dokumentation ergänzen.",
    "Mit Hersteller telefoniert, Fallnummer liegt im Postfach.",
    "Zugangsdaten sind im Tresor aktualisiert.",
)
REPLIES = (
    "Danke, das hat geholfen.",
    "Heute ist es schon wieder passiert.",
    "Ich bin ab 14 Uhr erreichbar.",
    "Ein Foto der Meldung ist unterwegs.",
)
