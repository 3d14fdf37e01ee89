"""The peer: what most practice software does at month end, a plain loop over an ORM, one patient after the other.

SQLAlchemy ORM on SQLite; each patient's contacts, coverage and episode are loaded when touched; minutes are summed, a
code is chosen with a few comparisons (no exclusions, no payer rules, no edits, no explanation), and claim rows are
saved with a commit a patient. It does far less than a close: it compares the cost of the way, not of the work.
"""

from __future__ import annotations

import csv
import time
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import ForeignKey, Integer, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    """The peer's tables."""


class Patient(Base):
    __tablename__ = "patient"
    patient_id: Mapped[str] = mapped_column(String, primary_key=True)
    last_name: Mapped[str]
    first_name: Mapped[str]
    contacts: Mapped[list[Contact]] = relationship(back_populates="patient")
    coverages: Mapped[list[Coverage]] = relationship(back_populates="patient")
    episodes: Mapped[list[Episode]] = relationship(back_populates="patient")


class Coverage(Base):
    __tablename__ = "coverage"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.patient_id"), index=True)
    payer_id: Mapped[str]
    member_id: Mapped[str]
    patient: Mapped[Patient] = relationship(back_populates="coverages")


class Episode(Base):
    __tablename__ = "episode"
    episode_id: Mapped[str] = mapped_column(String, primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.patient_id"), index=True)
    start_date: Mapped[date]
    patient: Mapped[Patient] = relationship(back_populates="episodes")


class Contact(Base):
    __tablename__ = "contact"
    contact_id: Mapped[str] = mapped_column(String, primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.patient_id"), index=True)
    started_at: Mapped[datetime]
    minutes: Mapped[int]
    patient: Mapped[Patient] = relationship(back_populates="contacts")


class ClaimRow(Base):
    __tablename__ = "claim_row"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    patient_id: Mapped[str]
    payer_id: Mapped[str]
    code: Mapped[str]
    units: Mapped[int]


def load(folder: Path, database: Path) -> None:
    """Fill the peer's database from the practice tables (not timed)."""
    engine = create_engine(f"sqlite:///{database}")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for model, name, row in (
            (Patient, "patients", lambda r: {k: r[k] for k in ("patient_id", "last_name", "first_name")}),
            (Coverage, "coverages", lambda r: {k: r[k] for k in ("patient_id", "payer_id", "member_id")}),
            (
                Episode,
                "episodes",
                lambda r: {
                    "episode_id": r["episode_id"],
                    "patient_id": r["patient_id"],
                    "start_date": date.fromisoformat(r["start_date"]),
                },
            ),
            (
                Contact,
                "contacts",
                lambda r: {
                    "contact_id": r["contact_id"],
                    "patient_id": r["patient_id"],
                    "started_at": datetime.fromisoformat(r["started_at"]).replace(tzinfo=None),
                    "minutes": int(r["minutes"]),
                },
            ),
        ):
            with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
                rows = [row(record) for record in csv.DictReader(stream)]
            if rows:
                connection.execute(model.__table__.insert(), rows)
    engine.dispose()


def close(database: Path, year: int, month: int, patients_max: int) -> tuple[int, float]:
    """Close so many patients; returns how many and the seconds it took."""
    engine = create_engine(f"sqlite:///{database}")
    started = time.perf_counter()
    done = 0
    with Session(engine) as session:
        for patient_id in list(session.scalars(select(Patient.patient_id).limit(patients_max))):
            patient = session.get_one(Patient, patient_id)
            minutes = sum(
                contact.minutes
                for contact in patient.contacts
                if (contact.started_at.year, contact.started_at.month) == (year, month)
            )
            done += 1
            if not patient.coverages or not patient.episodes:
                continue
            start = patient.episodes[0].start_date
            is_first = (start.year, start.month) == (year, month)
            full = 70 if is_first else 60
            if minutes <= full // 2:
                continue
            session.add(
                ClaimRow(
                    patient_id=patient_id,
                    payer_id=patient.coverages[0].payer_id,
                    code="99492" if is_first else "99493",
                    units=1,
                )
            )
            if minutes >= full + 16:
                session.add(
                    ClaimRow(
                        patient_id=patient_id,
                        payer_id=patient.coverages[0].payer_id,
                        code="99494",
                        units=1 + (minutes - full - 16) // 30,
                    )
                )
            session.commit()
    engine.dispose()
    return done, time.perf_counter() - started
