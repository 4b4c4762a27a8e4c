"""Every way in which tests spoil a door's past, with what each reader must say of it: one table for the CLI and the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.support import damage, haunting
from tests.support.past import Past

Word = Literal["missing", "destroyed", "doubtful"]


@dataclass(frozen=True)
class Damage:
    """One way.

    Attributes:
        do: spoils a copy.
        clip: which one it is about; 0 if it is about the ledger, which must then not hold.
        card, alice: what each must say of that clip; None where that reader cannot know.
        page: what the page says where it can see less or more than the CLI; None if the same.
        with_key: it takes the device's key.
    """

    do: Callable[[Past], None]
    clip: int
    card: Word | None = None
    alice: Word | None = None
    page: str | None = None
    with_key: bool = False

    @property
    def name(self) -> str:
        return self.do.__name__


WAYS: tuple[Damage, ...] = (
    Damage(damage.the_directory_is_gone, 3, "missing", "missing"),
    Damage(damage.the_whole_day_is_gone, 3, "missing", "missing"),
    Damage(damage.the_whole_spool_is_gone, 3, "missing", "missing"),
    Damage(damage.an_empty_directory_among_the_running, 3, "missing", "missing"),
    Damage(damage.an_empty_directory_at_its_day, 3, "missing", "missing"),
    Damage(damage.only_its_begun_among_the_running, 3, "missing", "missing"),
    Damage(damage.the_film_is_gone, 3, "missing", "missing"),
    Damage(damage.the_film_is_gone_and_the_event_is_noise, 3, "missing", "missing"),
    Damage(damage.the_film_is_gone_and_the_event_is_of_before_alice, 3, "missing", "missing"),
    Damage(damage.the_event_is_noise_of_another_epoch, 3, "destroyed", "destroyed"),
    Damage(damage.the_event_is_noise_of_an_epoch_before_alice, 3, "destroyed", None),
    Damage(damage.the_event_is_noise_of_its_epoch, 3, "destroyed", "destroyed"),
    Damage(damage.the_event_is_gone, 3, "destroyed", "destroyed"),
    Damage(damage.the_event_is_empty, 3, "destroyed", "destroyed"),
    Damage(damage.the_event_is_another_clips, 3, "doubtful", "doubtful"),
    Damage(damage.one_bit_of_the_event_is_another, 3, "destroyed", "destroyed"),
    Damage(damage.one_bit_of_the_film_is_another, 3, "destroyed", "destroyed"),
    Damage(damage.one_bit_of_the_header_is_another, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_is_empty, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_is_cut_within_its_header, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_is_cut_after_its_header, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_is_cut_after_a_chunk, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_lost_its_last_byte, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_has_a_byte_more, 3, "destroyed", "destroyed"),
    Damage(damage.the_film_is_zeros_of_its_size, 3, "destroyed", "destroyed"),
    Damage(damage.the_chunks_are_zeros_behind_the_header, 3, "destroyed", "destroyed"),
    Damage(damage.two_films_changed_places, 3, "destroyed", "destroyed"),
    Damage(damage.two_clips_changed_places, 3, "destroyed", "destroyed"),
    Damage(damage.chunks_of_another_film_behind_the_header, 3, "destroyed", "destroyed"),
    Damage(damage.another_film_to_the_right_recipients, 3, "destroyed", "destroyed"),
    Damage(damage.the_same_film_to_a_ghost_too, 3, "destroyed", "destroyed"),
    Damage(damage.another_film_and_the_event_is_noise, 3, "destroyed", "destroyed"),
    Damage(damage.an_interrupted_film_is_cut_shorter, 2, "destroyed", "destroyed"),
    Damage(damage.an_interrupted_film_is_cut_to_its_header, 2, "destroyed", "destroyed"),
    Damage(damage.a_member_sealed_another_interrupted_film, 2, "destroyed", "destroyed"),
    Damage(damage.an_interrupted_film_is_gone, 2, "missing", "missing"),
    Damage(damage.the_word_on_an_interrupted_beginning_is_gone, 2, "destroyed", "destroyed"),
    Damage(damage.the_word_on_an_interrupted_beginning_is_noise, 2, "destroyed", "destroyed"),
    Damage(damage.an_interrupted_event_is_gone, 2, "destroyed", "destroyed", page="missing"),
    Damage(damage.the_word_on_an_unrecorded_ring_is_gone, 4, "missing", "missing"),
    Damage(damage.the_word_on_an_unrecorded_ring_is_noise, 4, "destroyed", "destroyed"),
    Damage(damage.a_running_clip_is_gone, 6, "missing", "missing"),
    Damage(damage.a_running_clip_is_an_empty_directory, 6, "missing", "missing", page="recording"),
    Damage(damage.a_running_film_is_gone, 6, "missing", "missing", page="recording"),
    Damage(damage.a_running_film_is_another, 6, "destroyed", "destroyed", page="recording"),
    Damage(damage.the_word_on_a_running_beginning_is_gone, 6, "destroyed", "destroyed", page="recording"),
    Damage(damage.a_clip_that_the_ledger_never_began, 9, "doubtful", "doubtful"),
    Damage(damage.a_clip_lies_in_two_places, 3, "doubtful", "doubtful", page="genuine"),
    Damage(damage.an_epoch_file_is_gone, 0),
    Damage(damage.an_epoch_file_is_anothers, 0),
    Damage(damage.all_epoch_files_are_gone, 0),
    Damage(damage.the_ledger_lost_its_end, 0),
    Damage(haunting.a_ghost_in_the_cards_place, 7, "doubtful", None, with_key=True),
    Damage(haunting.a_ghost_in_alices_place, 7, None, "doubtful", with_key=True),
    Damage(haunting.a_ghost_beside_the_household, 7, "doubtful", "doubtful", with_key=True),
    Damage(haunting.alice_is_left_out, 7, "doubtful", "doubtful", with_key=True),
    Damage(haunting.two_stanzas_for_alice, 7, "doubtful", None, with_key=True),
    Damage(haunting.the_statement_names_another_film, 3, "destroyed", "destroyed", with_key=True),
    Damage(haunting.the_statement_names_another_content, 3, "doubtful", "doubtful", with_key=True),
    Damage(haunting.the_statement_names_another_end, 3, "doubtful", "doubtful", with_key=True),
    Damage(haunting.the_beginning_is_never_told, 7, "doubtful", "doubtful", with_key=True),
    Damage(haunting.the_statement_says_interrupted, 3, "doubtful", "doubtful", with_key=True),
    Damage(haunting.the_statement_says_unrecorded, 3, "missing", "missing", with_key=True),
    Damage(haunting.the_statement_is_not_the_devices, 3, "doubtful", "doubtful"),
)
